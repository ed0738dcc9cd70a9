/** What a token function may answer with. */
export type TokenAnswer = string | { readonly token: string } | Response
export type TokenSource = () => TokenAnswer | Promise<TokenAnswer>
