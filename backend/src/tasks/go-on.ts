/** What an agent is told where it goes on in another function. It is our message, and not its user's. */
export const goOnMessage = (functionSeconds: number): string =>
  'You were interrupted because the time of the function that you ran in was over, and go on in a fresh one: your files ' +
  'and your home are as you left them, programs that were running are not running any more, and what you kept in /tmp is ' +
  `gone. A command that takes longer than about ${String(Math.max(1, Math.floor(functionSeconds / 60)))} min cannot end ` +
  'there: run it in parts. A question of yours that has no answer has to be asked again. Go on with the task.';

/** An answer to a question that was asked before, as a message. */
export const lateAnswer = (chosen: readonly string[], text: string | undefined): string => {
  const said = [...chosen, ...(text === undefined ? [] : [text])]
    .map((each) => JSON.stringify(each))
    .join(', ');
  return `My answer to what you asked before you were interrupted: ${said}`;
};
