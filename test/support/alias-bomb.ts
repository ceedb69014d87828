/** YAML of eight short lines that stands for 9^8 values. */
export const ALIAS_BOMB = 'abcdefgh'
  .split('')
  .map((name, i, names) => {
    const item = i === 0 ? 'x' : `*${names[i - 1] ?? ''}`;
    return `${name}: &${name} [${Array<string>(9).fill(item).join(', ')}]`;
  })
  .join('\n');
