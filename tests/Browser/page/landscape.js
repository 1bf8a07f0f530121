/** Hills before an evening sky, to look at rather than to measure. */
export function drawLandscape(context, width, height, hue, count) {
  const sky = context.createLinearGradient(0, 0, 0, height);
  sky.addColorStop(0, `hsl(${hue} 55% 18%)`);
  sky.addColorStop(0.7, `hsl(${hue + 60} 60% 55%)`);
  context.fillStyle = sky;
  context.fillRect(0, 0, width, height);
  context.fillStyle = '#ffe9c4';
  context.beginPath();
  context.arc(width * 0.7, height * 0.42, height * 0.09, 0, 7);
  context.fill();
  for (let hill = 0; hill < 3; hill += 1) {
    context.fillStyle = `hsl(${hue + 10 * hill} 40% ${26 - 8 * hill}%)`;
    context.beginPath();
    context.moveTo(0, height);
    for (let x = 0; x <= width; x += 8) {
      const phase = (x + count * (1 + hill)) / (90 - 18 * hill);
      context.lineTo(x, height * (0.62 + 0.12 * hill) + Math.sin(phase) * height * 0.06 + Math.sin(phase * 2.3) * height * 0.02);
    }
    context.lineTo(width, height);
    context.fill();
  }
}
