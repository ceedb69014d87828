/**
 * Adds stub entries for optional platform packages that package-lock.json lacks, so that `npm ci`
 * of npm 11 accepts the lock: a registry may not carry every platform's binary, `npm install` then
 * leaves the entry out, and `npm ci` calls the lock incomplete. npm 10 accepts it either way.
 *
 * `node scripts/fix-lock.mjs` rewrites the lock, `--check` only says whether that would change it.
 */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const lockPath = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', 'package-lock.json');
const before = fs.readFileSync(lockPath, 'utf8');
const lock = JSON.parse(before);
const packages = lock.packages;

const OPERATING_SYSTEMS = [
  ...['android', 'darwin', 'freebsd', 'win32', 'linux'],
  ...['openharmony', 'sunos', 'aix', 'netbsd', 'openbsd'],
];

/** The piece of a package name that tells its processor → npm's name of that processor. */
const PROCESSORS = {
  'arm-eabi': 'arm',
  armhf: 'arm',
  armv7: 'arm',
  gnueabihf: 'arm',
  musleabihf: 'arm',
  arm64: 'arm64',
  x64: 'x64',
  ia32: 'ia32',
  arm: 'arm',
  ppc64: 'ppc64',
  riscv64: 'riscv64',
  s390x: 's390x',
  loong64: 'loong64',
};

/**
 * Whether `name`, required by the package at `where`, has an entry where Node would look for it.
 */
function isLocked(where, name) {
  let folder = where;
  for (;;) {
    if (packages[`${folder ? `${folder}/` : ''}node_modules/${name}`]) return true;
    if (!folder) return false;
    const cut = folder.lastIndexOf('node_modules/');
    folder = cut === -1 ? '' : folder.slice(0, cut).replace(/\/$/, '');
  }
}

function stub(name, version) {
  const os = OPERATING_SYSTEMS.filter((candidate) => name.includes(candidate));
  const cpu = Object.entries(PROCESSORS)
    .filter(([piece]) => new RegExp(`(^|[-/])${piece}($|[-_])`).test(name))
    .map(([, processor]) => processor);
  return {
    version,
    ...(cpu.length > 0 && { cpu: [...new Set(cpu)] }),
    optional: true,
    ...(os.length > 0 && { os }),
    ...(name.includes('musl') && { libc: ['musl'] }),
  };
}

for (const [where, entry] of Object.entries(packages)) {
  for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
    const version = range.replace(/^[~^]/, '');
    if (isLocked(where, name) || !/^\d/.test(version)) continue;
    packages[`node_modules/${name}`] = stub(name, version);
  }
}

lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1)));
const after = `${JSON.stringify(lock, null, 2)}\n`;

if (process.argv.includes('--check')) {
  if (after === before) process.exit(0);
  process.stderr.write('package-lock.json lacks platform packages: run `npm run lock`\n');
  process.exit(1);
}
if (after !== before) fs.writeFileSync(lockPath, after);
