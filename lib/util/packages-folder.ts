/**
 * The folder whose node_modules a stage's packages come from. A bundle has no place of its own, so whoever starts it
 * says where; in a plain program it is the current folder.
 */
export const packagesFolder = (): string => process.env['MLLOOP_PACKAGES'] ?? process.cwd();
