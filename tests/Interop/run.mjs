// Builds the network, runs every test in the namespace of its clients, and takes the network down whatever happened. Where the machine gives
// no namespaces the tests still run, and skip by name with the reason.
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { buildNetwork, inside, removeNetwork } from './harness/network.mjs';

const environment = { ...process.env, NODE_ENV: 'test' };
let command = process.execPath;
const wanted = process.argv.slice(2);
const files = wanted.length > 0 ? wanted : readdirSync(import.meta.dirname).filter(name => name.endsWith('.test.mjs')).sort();
let args = ['--test', '--test-reporter=tap', '--test-concurrency=1', ...files];

try {
    const { owner, lacking } = buildNetwork();
    process.on('exit', () => removeNetwork(owner));
    environment.SLUICE_INTEROP_NETWORK = String(owner);
    for (const [link, reason] of Object.entries(lacking)) environment[`SLUICE_INTEROP_WITHOUT_${link}`] = reason;
    [command, args] = inside(owner, 'clean', command, args);
} catch (error) {
    environment.SLUICE_INTEROP_SKIP = error.message;
}

const tests = spawn(command, args, { cwd: import.meta.dirname, env: environment, stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => tests.kill(signal));
tests.on('exit', (code, signal) => process.exit(signal ? 1 : code));
