// How a stack's program and the test that started it talk: options as JSON in the first argument, JSON lines out, the word stop in.
import { createInterface } from 'node:readline';

const ReportInterval = 200;

export const options = JSON.parse(process.argv[2]);

export function say(event, more = {}) {
    process.stdout.write(`${JSON.stringify({ event, ...more })}\n`);
}

/** Reports figures until told to stop, then calls stop and leaves. */
export function serve(figures, stop) {
    const timer = setInterval(async () => {
        try {
            say('figures', { figures: await figures() });
        } catch (error) {
            say('trouble', { text: String(error) });
        }
    }, ReportInterval);
    let stopping = false;
    const leave = async () => {
        if (stopping) return;
        stopping = true;
        clearInterval(timer);
        try {
            say('stopped', { status: await stop() });
        } catch (error) {
            say('trouble', { text: String(error?.stack ?? error) });
        }
        process.exit(0);
    };
    const input = createInterface({ input: process.stdin });
    input.on('line', line => line === 'stop' && leave());
    input.on('close', leave);
}

process.on('unhandledRejection', error => {
    say('trouble', { text: String(error?.stack ?? error) });
    process.exit(1);
});
