/** What an expression of a workflow may name: `github`, `inputs`, `vars` and their like. */
export type Contexts = Readonly<Record<string, unknown>>;

const TOKEN = /\s*(?:'((?:[^']|'')*)'|(&&|\|\||==|!=|!|\(|\))|([A-Za-z_][\w.-]*))/y;

type Token = { readonly text: string; readonly kind: 'string' | 'operator' | 'name' };

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (text.slice(TOKEN.lastIndex).trim() !== '') {
    const [, string, operator, name] = TOKEN.exec(text) ?? [];
    if (string !== undefined) tokens.push({ kind: 'string', text: string.replaceAll("''", "'") });
    else if (operator !== undefined) tokens.push({ kind: 'operator', text: operator });
    else if (name !== undefined) tokens.push({ kind: 'name', text: name });
    else throw new Error(`'${text}' is no expression this test understands`);
  }
  return tokens;
}

const isTrue = (value: unknown): boolean => value !== undefined && value !== null && value !== '' && value !== false;

const LITERALS: Readonly<Record<string, unknown>> = { true: true, false: false, null: null };

/** The value of an expression as GitHub evaluates it, as far as the workflows here go: no arithmetic, no filters. */
function evaluate(text: string, contexts: Contexts): unknown {
  const tokens = tokensOf(text);
  const take = (operator: string): boolean => {
    if (tokens[0]?.kind !== 'operator' || tokens[0].text !== operator) return false;
    tokens.shift();
    return true;
  };
  const primary = (): unknown => {
    if (take('!')) return !isTrue(primary());
    if (take('(')) {
      const value = or();
      if (!take(')')) throw new Error(`'${text}' lacks a parenthesis`);
      return value;
    }
    const token = tokens.shift();
    if (token?.kind === 'string') return token.text;
    if (token?.kind !== 'name') throw new Error(`'${text}' ends too early`);
    if (take('(')) {
      // The only function the workflows call: nobody cancels here.
      if (token.text !== 'cancelled' || !take(')')) throw new Error(`'${token.text}' is not known to this test`);
      return false;
    }
    if (token.text in LITERALS) return LITERALS[token.text];
    return token.text
      .split('.')
      .reduce<unknown>((value, key) => (value as Contexts | undefined | null)?.[key], contexts);
  };
  const equality = (): unknown => {
    const left = primary();
    if (take('==')) return String(left ?? '') === String(primary() ?? '');
    if (take('!=')) return String(left ?? '') !== String(primary() ?? '');
    return left;
  };
  const and = (): unknown => {
    let value = equality();
    while (take('&&')) {
      const right = equality();
      value = isTrue(value) ? right : value;
    }
    return value;
  };
  function or(): unknown {
    let value = and();
    while (take('||')) {
      const right = and();
      value = isTrue(value) ? value : right;
    }
    return value;
  }
  const value = or();
  if (tokens.length > 0) throw new Error(`'${text}' goes on where it should end`);
  return value;
}

/** A condition of a job or a step: the braces may be left out, and without one all before has to have gone well. */
export function holds(condition: string | undefined, contexts: Contexts, isWell: boolean): boolean {
  const text = condition?.replace(/^\$\{\{|\}\}$/g, '') ?? '';
  if (text === '') return isWell;
  return (isWell || text.includes('cancelled()')) && isTrue(evaluate(text, contexts));
}

/** A text with every `${{ }}` in it replaced. */
export const fill = (text: string, contexts: Contexts): string =>
  text.replace(/\$\{\{(.*?)\}\}/g, (_, expression: string) => String(evaluate(expression, contexts) ?? ''));
