/** A content of a change, and where it is until it is kept. */
export interface KeptContent {
  file: string;
  hash: string;
}
