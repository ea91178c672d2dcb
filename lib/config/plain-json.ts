import { type Document, isAlias, isNode, isScalar, type Node, visit } from 'yaml';

/** What valid YAML may say and a pipeline cannot, and where in the text. */
export interface YamlFault {
  readonly problem: string;
  readonly offset: number;
}

/** How many values aliases may stand for: more than anybody writes, and few enough to be read at once. */
const MAX_VALUES = 1_000_000;

/** Finds what JSON has no form for: keys that are no text, values that lie in themselves or that aliases multiply without end. */
export function notPlainJson(document: Document): YamlFault[] {
  const faults: YamlFault[] = [];
  const add = (node: unknown, problem: string): void => {
    faults.push({ problem, offset: (isNode(node) ? node.range?.[0] : undefined) ?? 0 });
  };
  visit(document, {
    Alias: (_, alias, above) => {
      const target = alias.resolve(document);
      if (target === undefined) add(alias, `*${alias.source} stands for nothing: no &${alias.source} comes before it`);
      else if (above.includes(target)) add(alias, `*${alias.source} stands inside what it stands for`);
    },
    Pair: (_, { key }) => {
      if (!isScalar(key) && !isAlias(key)) add(key, 'a key has to be a text, not a list or a map');
      else if (isScalar(key) && key.value === '<<' && key.type === 'PLAIN')
        add(key, 'there are no merge keys (<<); write out what it brings in, or give a whole value by an alias');
    },
  });
  if (faults.length > 0) return faults;
  const sizes = new Map<Node, number>();
  const { contents } = document;
  if (isNode(contents) && sizeOf(contents, document, sizes) > MAX_VALUES)
    add(contents, 'its aliases multiply to more values than can be read');
  return faults;
}

/** How many values a node comes to once its aliases are followed; each anchor is counted through once. */
function sizeOf(node: unknown, document: Document, sizes: Map<Node, number>): number {
  if (isAlias(node)) return sizeOf(node.resolve(document), document, sizes);
  if (!isNode(node)) return 0;
  const known = sizes.get(node);
  if (known !== undefined) return known;
  const inside = 'items' in node ? node.items : [];
  const size = inside.reduce<number>((sum, item) => sum + sizeOf(valueIn(item), document, sizes), 1);
  sizes.set(node, size);
  return size;
}

const valueIn = (item: unknown): unknown =>
  typeof item === 'object' && item !== null && 'value' in item && !isNode(item) ? item.value : item;
