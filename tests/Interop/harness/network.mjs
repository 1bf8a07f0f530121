// Network namespaces joined by veth pairs: the server lives in one, clients in others, and every packet crosses a link. Loopback would hide
// what clients do on a real network (some gather no loopback candidate at all).
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';

const Prefix = 'sluice-interop-';
const PercentLost = 5;

// Each client namespace has its own link and its own address of the server on it.
export const Links = {
    clean: { server: '10.77.0.1', client: '10.77.0.2', bits: 24 },
    lossy: { server: '10.77.1.1', client: '10.77.1.2', bits: 24 },
    six: { server: 'fd77::1', client: 'fd77::2', bits: 64 },
};

const run = (command, ...args) => execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
const named = (owner, end) => `${Prefix}${owner}-${end}`;

/** Builds the network; throws an Error whose message says what the machine lacks. Returns also why some of the links cannot be had. */
export function buildNetwork(owner = process.pid) {
    sweep();
    const lacking = {};
    try {
        for (const end of ['server', ...Object.keys(Links)]) {
            run('ip', 'netns', 'add', named(owner, end));
            run('ip', '-n', named(owner, end), 'link', 'set', 'lo', 'up');
        }
        join(owner, 'clean');
    } catch (error) {
        removeNetwork(owner);
        throw new Error(`no network namespaces here: ${reason(error)}`);
    }
    for (const [name, build] of [['six', () => join(owner, 'six')], ['lossy', () => [join(owner, 'lossy'), loseSome(owner)]]]) {
        try {
            build();
        } catch (error) {
            lacking[name] = `no such link here: ${reason(error)}`;
        }
    }
    return { owner, lacking };
}

function join(owner, name) {
    const link = Links[name];
    const server = named(owner, 'server');
    const client = named(owner, name);
    run('ip', 'link', 'add', 'out', 'netns', client, 'type', 'veth', 'peer', 'name', name, 'netns', server);
    const family = link.server.includes(':') ? ['nodad'] : [];
    run('ip', '-n', server, 'address', 'add', `${link.server}/${link.bits}`, 'dev', name, ...family);
    run('ip', '-n', client, 'address', 'add', `${link.client}/${link.bits}`, 'dev', 'out', ...family);
    run('ip', '-n', server, 'link', 'set', name, 'up');
    run('ip', '-n', client, 'link', 'set', 'out', 'up');
    // Firefox gathers candidates for the address of its default route only.
    run('ip', '-n', client, ...(family.length ? ['-6'] : []), 'route', 'add', 'default', 'via', link.server);
}

// Drops datagrams where they arrive, so that no sendto fails.
function loseSome(owner) {
    for (const [end, device] of [['server', 'lossy'], ['lossy', 'out']]) {
        const rule = ['iifname', device, 'meta', 'l4proto', 'udp', 'numgen', 'random', 'mod', '100', '<', String(PercentLost), 'counter', 'drop'];
        const nft = (...args) => run('ip', 'netns', 'exec', named(owner, end), 'nft', ...args);
        nft('add', 'table', 'inet', 'loss');
        nft('add', 'chain', 'inet', 'loss', 'arriving', '{ type filter hook input priority 0; }');
        nft('add', 'rule', 'inet', 'loss', 'arriving', ...rule);
    }
}

/** Ends what still runs in the namespaces of an owner and removes them with their links. */
export function removeNetwork(owner) {
    for (const name of namespaces().filter(n => n.startsWith(named(owner, '')))) {
        try {
            for (const id of run('ip', 'netns', 'pids', name).split('\n').filter(Boolean)) {
                if (Number(id) !== process.pid) process.kill(Number(id), 'SIGKILL');
            }
        } catch {
            // Gone by itself in between.
        }
        try {
            run('ip', 'netns', 'delete', name);
        } catch {
            // Removed by another run's sweep.
        }
    }
}

// What a killed run has left behind.
function sweep() {
    const owners = new Set(namespaces().filter(n => n.startsWith(Prefix)).map(n => n.slice(Prefix.length).split('-')[0]));
    for (const owner of owners) {
        try {
            process.kill(Number(owner), 0);
        } catch {
            removeNetwork(owner);
        }
    }
}

function namespaces() {
    try {
        return readdirSync('/run/netns');
    } catch {
        return [];
    }
}

function reason(error) {
    return String(error.stderr || error.message).trim().split('\n')[0];
}

/** A command that runs in a namespace of the network. */
export function inside(owner, end, command, args) {
    return ['ip', ['netns', 'exec', named(owner, end), command, ...args]];
}
