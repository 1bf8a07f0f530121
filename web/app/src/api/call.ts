import type { paths, Problem } from './types.ts';

/** A refusal by the server, in its own words (RFC 9457). */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, detail: string) {
    super(detail);
    this.status = status;
  }
}

type Method = 'get' | 'post' | 'patch' | 'delete';
/** The methods that the path has. */
type MethodOf<Path extends keyof paths> = { [M in Method]: [paths[Path][M]] extends [undefined] ? never : M }[Method];
type Operation<Path extends keyof paths, M extends Method> = NonNullable<paths[Path][M]>;

type Json<Content> = Content extends { readonly content: { readonly 'application/json': infer Body } } ? Body : never;
type Field<T, Name extends string> = T extends Readonly<Record<Name, infer Value>> ? Value : never;
type Body<O> = O extends { readonly requestBody?: infer Request } ? Json<Request> : never;
type Success<O> = O extends { readonly responses: infer Responses } ? Json<Responses[keyof Responses & (200 | 201)]> : never;
type Names<O> = Field<Field<O, 'parameters'>, 'path'>;
type Query<O> = O extends { readonly parameters: { readonly query?: infer Q } } ? NonNullable<Q> : never;

/** What the operation answers; undefined where it answers without a body. */
export type Answer<O> = [Success<O>] extends [never] ? undefined : Success<O>;

/** What the operation takes. Names are those in braces in the path. */
export type Request<O> = { readonly token?: string | undefined } & ([Body<O>] extends [never] ? { readonly body?: never } : { readonly body: Body<O> }) &
  ([Names<O>] extends [never] ? { readonly names?: never } : { readonly names: Names<O> }) &
  ([Query<O>] extends [never] ? { readonly query?: never } : { readonly query?: Query<O> });

interface Loose {
  readonly token?: string | undefined;
  readonly body?: unknown;
  readonly names?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
}

/** Asks the server. The document of its API says which paths there are, what they take and what they answer. */
export async function call<Path extends keyof paths, M extends MethodOf<Path>>(
  method: M,
  path: Path,
  request: Request<Operation<Path, M>>,
  signal: AbortSignal,
): Promise<Answer<Operation<Path, M>>> {
  const { token, body, names, query }: Loose = request;
  const asked = new URLSearchParams(Object.entries(query ?? {}).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]))).toString();
  const url = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(names?.[name] ?? '')) + (asked === '' ? '' : `?${asked}`);
  let response: Response;
  try {
    response = await fetch(url, {
      method: method.toUpperCase(),
      headers: { ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }), ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal,
    });
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof TypeError ? new Refusal(0, 'The server cannot be reached.') : error;
  }
  if (!response.ok) {
    throw new Refusal(response.status, await problem(response));
  }
  return (response.status === 204 ? undefined : await response.json()) as Answer<Operation<Path, M>>;
}

/** Not every refusal is the server's own: a proxy before it answers as it likes. */
async function problem(response: Response): Promise<string> {
  try {
    const { detail, title } = (await response.json()) as Partial<Problem>;
    return detail ?? title ?? `The server answered ${response.status}.`;
  } catch {
    return `The server answered ${response.status}.`;
  }
}
