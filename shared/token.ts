/** What a token function may return: the token, an object with it, or an HTTP response whose body has it. */
export type TokenAnswer = string | { readonly token: string } | Response
/** A function that fetches a token. */
export type TokenSource = () => TokenAnswer | Promise<TokenAnswer>
