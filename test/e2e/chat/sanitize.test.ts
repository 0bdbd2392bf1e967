import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { openPage } from '../../support/editor/browser.ts';
import { needsEditor } from '../../support/editor/tools.ts';

const BEACON = 'https://beacon.example';
const hack = (what: string) => `globalThis.hacked = '${what}'`;

/** HTML that acts in a page which takes it as it is; each by its name. */
const HOSTILE: Readonly<Record<string, string>> = {
  'a script': `<script>${hack('script')}</script>`,
  'a script of elsewhere': `<script src="${BEACON}/x.js"></script>`,
  'a handler': `<img src="x" onerror="${hack('handler')}">`,
  'a handler of a harmless element': `<p onclick="${hack('p')}" tabindex="0" onfocus="${hack('focus')}">p</p>`,
  'a picture': `<img src="${BEACON}/img"><picture><source srcset="${BEACON}/set"><img></picture>`,
  'a frame': `<iframe src="${BEACON}/frame"></iframe><iframe srcdoc="<script>parent.${hack('frame')}</script>"></iframe>`,
  'a form': `<form action="${BEACON}/form"><input name="a" autofocus><button formaction="${BEACON}/b">b</button></form>`,
  'a script in SVG': `<svg><script>${hack('svg')}</script><image href="${BEACON}/svg"/><a href="javascript:${hack('a')}">a</a></svg>`,
  'SVG that is loaded': `<svg onload="${hack('onload')}"><animate onbegin="${hack('begin')}" attributeName="x" dur="1s"/></svg>`,
  'a style': `<style>@import url(${BEACON}/import); p { background: url(${BEACON}/background) }</style>`,
  'a style of an element': `<p style="background: url(${BEACON}/attribute)">p</p>`,
  'a link to a command': `<a href="command:workbench.action.quit">quit</a>`,
  'a link that is a script': `<a href="java&#10;script:${hack('href')}">x</a>`,
  'a link that is followed': `<a href="${BEACON}/" ping="${BEACON}/ping" target="_blank">x</a>`,
  'a resource': `<link rel="stylesheet" href="${BEACON}/style"><link rel="prefetch" href="${BEACON}/fetch">`,
  'a page of its own': `<meta http-equiv="refresh" content="0;url=${BEACON}/"><base href="${BEACON}/">`,
  'an object': `<object data="${BEACON}/o"></object><embed src="${BEACON}/e"><video src="${BEACON}/v" autoplay></video>`,
  'markup that changes as it is parsed': `<math><mtext><table><mglyph><style><img src="x" onerror="${hack('mutated')}"></style></mglyph></table></mtext></math>`,
  'a template': `<template><img src="x" onerror="${hack('template')}"></template>`,
  'a name that shadows': `<p id="chat" name="chat">p</p>`,
  'a control of the page': `<vscode-button onclick="${hack('control')}">x</vscode-button>`,
};

const TAGS =
  /^(a|blockquote|br|code|del|em|h[1-6]|hr|li|ol|p|pre|span|strong|table|tbody|td|th|thead|tr|ul)$/;
const ATTRIBUTES = /^(align|class|role|start|tabindex|title|data-(fence|href|line|path))$/;

interface Found {
  tag: string;
  attributes: string[];
}

describe('what is cleaned before it goes into the chat, in a page that would let it act', () => {
  let browser: Browser;
  let page: Page;
  const requests: string[] = [];

  before(async function () {
    needsEditor(this);
    const source = fileURLToPath(new URL('../../../webview/markdown/sanitize.ts', import.meta.url));
    const options = { bundle: true, write: false, format: 'iife', globalName: 'cleaner' } as const;
    const { outputFiles } = await build({ ...options, entryPoints: [source] });
    ({ browser, page } = await openPage());
    // The only address that there is: whatever else is asked for was asked for by what should be harmless.
    await page.route('**/*', async (route) => {
      const url = route.request().url();
      if (url !== 'http://chat.example/') requests.push(url);
      await route.fulfill({ contentType: 'text/html', body: '<!DOCTYPE html><body></body>' });
    });
    await page.goto('http://chat.example/');
    await page.addScriptTag({ content: outputFiles[0]?.text ?? '' });
  });

  after(async () => {
    await (browser as Browser | undefined)?.close();
  });

  /** Puts HTML into the page, cleaned or as it is, and tells what is there then. */
  async function put(html: string, how: 'cleaned' | 'as it is'): Promise<Found[]> {
    await page.evaluate(`(${INTO_PAGE})(${JSON.stringify({ html, how })})`);
    // Handlers and requests of what was put there come in turns of their own.
    await page.evaluate('new Promise((resolve) => setTimeout(resolve, 200))');
    return page.evaluate<Found[]>(FOUND_IN_PAGE);
  }

  const hacked = () => page.evaluate('globalThis.hacked');

  for (const [what, html] of Object.entries(HOSTILE)) {
    it(`keeps nothing that acts of ${what}`, async () => {
      for (const { tag, attributes } of await put(html, 'cleaned')) {
        assert.match(tag, TAGS);
        for (const name of attributes) assert.match(name, ATTRIBUTES, tag);
      }
      assert.equal(await hacked(), undefined);
      assert.deepEqual(requests, []);
      assert.equal(page.url(), 'http://chat.example/');
    });
  }

  it('keeps what markdown is made of', async () => {
    const html =
      '<h2>t</h2><p><a role="link" tabindex="0" title="t" data-href="https://e.example">x</a><code>c</code></p>' +
      '<pre data-fence="0"></pre><ol start="3"><li><strong>b</strong></li></ol>';
    assert.deepEqual(
      (await put(html, 'cleaned')).map(({ tag, attributes }) => [tag, ...attributes].join(' ')),
      ['h2', 'p', 'a role tabindex title data-href', 'code', 'pre data-fence', 'ol start', 'li', 'strong'],
    );
  });

  it('is put to the test by a page in which all of it acts', async () => {
    await put(HOSTILE['a handler'] ?? '', 'as it is');
    assert.equal(await hacked(), 'handler');
    await put(HOSTILE['a picture'] ?? '', 'as it is');
    assert.ok(requests.includes(`${BEACON}/img`));
  });
});

// What runs in the page is text: the types here are those of Node.
const INTO_PAGE = `({ html, how }) => {
  const range = document.createRange();
  document.body.replaceChildren(how === 'cleaned' ? cleaner.sanitized(html) : range.createContextualFragment(html));
}`;
const FOUND_IN_PAGE = `[...document.body.querySelectorAll('*')].map(({ tagName, attributes }) => ({
  tag: tagName.toLowerCase(),
  attributes: [...attributes].map(({ name }) => name),
}))`;
