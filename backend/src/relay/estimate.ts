import { contentBlocks, isPiece, type RequestBody } from './request-body.ts';

/** Bytes of JSON for a token. English and code have 3 to 4; so an estimate is rather too high than too low. */
const BYTES_PER_TOKEN = 3;

/**
 * Tokens of a picture at most, whatever its file's size: (width / 28) × (height / 28) patches of a picture that is
 * scaled down to the largest size a model takes (https://platform.claude.com/docs/en/build-with-claude/vision).
 */
const TOKENS_PER_IMAGE = 5000;

/** Base64 characters of a PDF for a token. A page has some 3,000 tokens and some tens of kilobytes. */
const PDF_CHARACTERS_PER_TOKEN = 8;

/** The most tokens that a request's input is likely to have: by its bytes, with what is not text by rules of its own. */
export function estimateInputTokens(body: RequestBody, bytes: number): number {
  let media = 0;
  let mediaTokens = 0;
  for (const block of contentBlocks(body)) {
    const { source } = block;
    if (!isPiece(source)) continue;
    const data =
      typeof source['data'] === 'string' && source['type'] === 'base64' ? source['data'].length : 0;
    media += data;
    if (block['type'] === 'image') mediaTokens += TOKENS_PER_IMAGE;
    else mediaTokens += Math.ceil(data / PDF_CHARACTERS_PER_TOKEN);
  }
  return Math.ceil(Math.max(0, bytes - media) / BYTES_PER_TOKEN) + mediaTokens;
}

/** The tokens of output of which so many characters have arrived, where the model did not come to say. */
export const estimateOutputTokens = (characters: number): number => Math.ceil(characters / BYTES_PER_TOKEN);
