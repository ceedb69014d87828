/**
 * The plain value of a YAML document. The parser throws where an alias names nothing, and where a
 * few lines of aliases of aliases would expand into more values than memory holds. Both are
 * mistakes in the file, to be told with the others, and no defects of the engine.
 *
 * @returns Null where `mistake` was told.
 */
export function expandAliases(toValue: () => unknown, mistake: (message: string) => void): unknown {
  try {
    return toValue();
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    mistake(`an alias (\`*name\`) cannot be read: ${error.message}`);
    return null;
  }
}
