// Media for stacks that send RTP but encode nothing: ffmpeg's test picture and tone, packetized by ffmpeg, over loopback datagrams.
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';

export const Picture = { width: 320, height: 180, rate: 30 };
const PacketSize = 1200;

const Encoders = {
    h264: ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-profile:v', 'baseline', '-pix_fmt', 'yuv420p'],
    vp8: ['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-auto-alt-ref', '0', '-error-resilient', '1'],
    vp9: ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-row-mt', '0', '-strict', 'experimental'],
};

/** Calls onVideo and onAudio with each RTP packet. */
export async function feed(codec, payloadTypes, onVideo, onAudio) {
    const video = await listen(onVideo);
    const audio = await listen(onAudio);
    const ffmpeg = spawn('ffmpeg', [
        '-hide_banner', '-loglevel', 'error', '-nostdin',
        '-re', '-f', 'lavfi', '-i', `testsrc2=size=${Picture.width}x${Picture.height}:rate=${Picture.rate}`,
        '-re', '-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000,volume=6dB',
        '-map', '0:v', ...Encoders[codec], '-threads', '1', '-g', String(Picture.rate), '-b:v', '500k',
        '-payload_type', String(payloadTypes.video), '-f', 'rtp', `rtp://127.0.0.1:${video.address().port}?pkt_size=${PacketSize}`,
        '-map', '1:a', '-c:a', 'libopus', '-ac', '2', '-b:a', '64k', '-frame_duration', '20',
        '-payload_type', String(payloadTypes.audio), '-f', 'rtp', `rtp://127.0.0.1:${audio.address().port}?pkt_size=${PacketSize}`,
    ], { stdio: ['ignore', 'ignore', 'inherit'] });
    return {
        stop() {
            ffmpeg.kill('SIGKILL');
            video.close();
            audio.close();
        },
    };
}

async function listen(onPacket) {
    const socket = createSocket('udp4');
    socket.on('message', onPacket);
    await new Promise(resolve => socket.bind(0, '127.0.0.1', resolve));
    return socket;
}
