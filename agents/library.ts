/** Name and version under which the library greets the engine. */
export const LIBRARY = 'squilla-js/0.1.0';
