import path from 'node:path';

const root = path.dirname(import.meta.dirname);

export default { outputFileTracingRoot: root, turbopack: { root } };
