import assert from 'node:assert/strict';
import {
  languageByEditorId,
  languageById,
  languageByPath,
  LANGUAGES,
} from '../../../src/protocol/languages.ts';

describe('languages', () => {
  it('are found by their id, their endings in any case and the editor’s ids', () => {
    for (const language of LANGUAGES) {
      assert.equal(languageById(language.id), language);
      for (const id of language.editorIds) assert.equal(languageByEditorId(id), language);
      for (const ending of language.extensions) {
        assert.equal(languageByPath(`folder.x/name${ending}`), language);
        assert.equal(languageByPath(`name${ending.toUpperCase()}`), language);
      }
    }
  });

  it('are not found by what is none', () => {
    for (const path of ['', 'py', 'name', 'name.pyc', 'name.py/', 'name.txt', '.pyx'])
      assert.equal(languageByPath(path), undefined, path);
    assert.equal(languageById('constructor'), undefined);
    assert.equal(languageByEditorId('plaintext'), undefined);
  });

  it('share no id and no ending', () => {
    for (const all of [LANGUAGES.map(({ id }) => id), LANGUAGES.flatMap(({ extensions }) => extensions)])
      assert.equal(new Set(all).size, all.length);
  });
});
