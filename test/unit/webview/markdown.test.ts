import assert from 'node:assert/strict';
import { markdownHtml } from '../../../webview/markdown/html.ts';
import { linkTarget } from '../../../webview/markdown/link.ts';
import { splitMarkdown } from '../../../webview/markdown/split.ts';

const TEXT = `# Title

A paragraph with *words*
that goes on.

- one
- two

  more of two

1. first

\`\`\`python title="x"
print(1)

print(2)
\`\`\`

| a | b |
|---|---|
| 1 | 2 |

> quoted

Heading
-------

    indented

End.`;

/** The HTML of a whole text. */
const htmlOf = (text: string): string =>
  splitMarkdown(text)
    .blocks.map(({ token }) => markdownHtml(token).html)
    .join('');

describe('markdown that grows', () => {
  for (const step of [1, 3, 17]) {
    it(`is the same in parts of ${String(step)} as whole`, () => {
      let split = splitMarkdown('');
      for (let at = 0; at < TEXT.length; at += step) split = splitMarkdown(TEXT.slice(0, at), split);
      split = splitMarkdown(TEXT, split);
      assert.deepEqual(split.blocks, splitMarkdown(TEXT).blocks);
    });
  }

  it('leaves alone what is settled, and reads only the rest again', () => {
    const before = splitMarkdown(TEXT);
    const next = splitMarkdown(`${TEXT}\n\nNew.`, before);
    assert.ok(before.settledBlocks >= 8);
    for (let at = 0; at < before.settledBlocks; at++) assert.equal(next.blocks[at], before.blocks[at]);
    assert.equal(next.blocks.length, before.blocks.length + 1);
  });

  it('begins anew with another text', () => {
    assert.equal(splitMarkdown('other', splitMarkdown(TEXT)).blocks.length, 1);
  });

  it('shows as it was written what nests too deep', () => {
    const deep = `${'>'.repeat(20_000)} x`;
    assert.ok(htmlOf(deep) === deep.replaceAll('>', '&gt;'));
  });
});

describe('the HTML of markdown', () => {
  for (const hostile of [
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    'a <svg/onload=alert(1)> b',
    '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    '<a href="javascript:alert(1)">x</a>',
    '`<img src=x>`',
    '```\n</code></pre><img src=x>\n```',
    '[x](https://e.example/"onmouseover="alert(1))',
    '![x](https://e.example/pixel.png "a title\\"><img src=x>")',
    '[<img src=x>](https://e.example)',
    '<!-- --!><img src=x> -->',
    '| <img src=x> |\n|---|\n| <script>x</script> |',
  ]) {
    it(`holds no element that was written as HTML: ${hostile.replaceAll('\n', '⏎')}`, () => {
      const elements = [...htmlOf(hostile).matchAll(/<\/?([a-z][a-z0-9]*)([^>]*)>/gi)];
      for (const [, name = '', attributes = ''] of elements) {
        assert.match(name, /^(a|p|pre|code|table|thead|tbody|tr|th|td|em|strong)$/);
        assert.match(attributes, /^( (role|tabindex|title|data-(href|fence))="[^"<>]*")*$/, attributes);
      }
    });
  }

  it('makes a link of a picture, and loads none', () => {
    const html = htmlOf('![chart](https://e.example/c.png)');
    assert.match(html, /<a [^>]*data-href="https:\/\/e\.example\/c\.png">picture: chart<\/a>/);
    assert.doesNotMatch(html, /<img|\ssrc=|\shref="/);
  });

  it('finds fences in their order, closed or still growing', () => {
    const fences = splitMarkdown('- a\n  ```js\n  x\n  ```\n\n```py\ny\n```\n\n~~~\nz').blocks.flatMap(
      ({ token }) => markdownHtml(token).fences,
    );
    assert.deepEqual(fences, [
      { info: 'js', code: 'x', closed: true },
      { info: 'py', code: 'y', closed: true },
      { info: '', code: 'z', closed: false },
    ]);
  });

  it('names characters in code that cannot be seen', () => {
    assert.match(htmlOf('`a\u202eb`'), /<code>a⟨U\+202E⟩b<\/code>/);
  });
});

describe('where a link leads', () => {
  for (const [address, target] of [
    ['https://e.example/a', { kind: 'web', href: 'https://e.example/a' }],
    ['HTTP://e.example', { kind: 'web', href: 'HTTP://e.example' }],
    ['mailto:a@e.example', { kind: 'web', href: 'mailto:a@e.example' }],
    ['src/a.py', { kind: 'file', path: 'src/a.py', line: undefined }],
    ['./src/a.py:12', { kind: 'file', path: 'src/a.py', line: 12 }],
    ['/workspace/src/a%20b.py#L3-L9', { kind: 'file', path: 'src/a b.py', line: 3 }],
    ['command:workbench.action.terminal.new', undefined],
    ['vscode://settings', undefined],
    ['javascript:alert(1)', undefined],
    ['data:text/html,x', undefined],
    ['file:///etc/passwd', undefined],
    ['//e.example/x', undefined],
    ['/etc/passwd', undefined],
    ['../secret', undefined],
    ['a/%2e%2e/b', undefined],
    ['a\\..\\b', undefined],
    ['#top', undefined],
    ['%E0%A4%A', undefined],
  ] as const) {
    it(`${address} ${target === undefined ? 'leads nowhere' : `is a ${target.kind} link`}`, () => {
      assert.deepEqual(linkTarget(address), target);
    });
  }
});
