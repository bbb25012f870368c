import { between, seededRandom } from './random.js';
import { FRAME_HEIGHT, FRAME_WIDTH, type SceneFrame } from './scene-frame.js';

const BACK = 214;
const FRONT = 404;
const ROLLER_DISTANCE = 92;

/** The hall's wall, the belt between its rails, and the rollers below: everything that is there without an object. */
export function drawBelt(frame: SceneFrame): string {
  return [wall(frame), rubber(frame), dirt(frame), rails(frame), rollers(frame)].join('\n');
}

/** Gradients that the drawing names. Soft edges are gradients too: a blur filter costs five times as much as all the rest. */
export function beltDefinitions(frame: SceneFrame): string {
  return `
<linearGradient id="wall" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#4a545c"/><stop offset="1" stop-color="#717b82"/></linearGradient>
<linearGradient id="rubber" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#35393d"/><stop offset="0.6" stop-color="#4a4f54"/><stop offset="1" stop-color="#3f4448"/></linearGradient>
<linearGradient id="steel" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#d3d8db"/><stop offset="0.35" stop-color="#a4abb0"/><stop offset="0.8" stop-color="#6d757b"/><stop offset="1" stop-color="#4c5358"/></linearGradient>
<radialGradient id="roller" cx="0.42" cy="0.32" r="0.75"><stop offset="0" stop-color="#c9ced1"/><stop offset="0.5" stop-color="#8a9197"/><stop offset="1" stop-color="#3c4247"/></radialGradient>
<radialGradient id="lamp" gradientUnits="userSpaceOnUse" cx="${px(frame.light * FRAME_WIDTH)}" cy="60" r="430"><stop offset="0" stop-color="#fff6e0" stop-opacity="0.34"/><stop offset="0.5" stop-color="#fff6e0" stop-opacity="0.11"/><stop offset="1" stop-color="#000" stop-opacity="0.2"/></radialGradient>
<linearGradient id="pillar" x1="0" y1="0" x2="1" y2="0"><stop offset="0" stop-color="#5d676e" stop-opacity="0"/><stop offset="0.16" stop-color="#616b72"/><stop offset="0.66" stop-color="#5a646b"/><stop offset="0.84" stop-color="#475057"/><stop offset="1" stop-color="#475057" stop-opacity="0"/></linearGradient>
<linearGradient id="duct" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#8a949a" stop-opacity="0"/><stop offset="0.2" stop-color="#8d979d"/><stop offset="0.6" stop-color="#757f86"/><stop offset="0.72" stop-color="#3f474d" stop-opacity="0.8"/><stop offset="1" stop-color="#3f474d" stop-opacity="0"/></linearGradient>
<radialGradient id="shade"><stop offset="0" stop-color="#000"/><stop offset="0.45" stop-color="#000" stop-opacity="0.8"/><stop offset="0.75" stop-color="#000" stop-opacity="0.28"/><stop offset="1" stop-color="#000" stop-opacity="0"/></radialGradient>`;
}

/** The lamp's light over everything, drawn last. */
export function drawLight(): string {
  return `<rect width="${FRAME_WIDTH}" height="${FRAME_HEIGHT}" fill="url(#lamp)"/>`;
}

function wall(frame: SceneFrame): string {
  const random = seededRandom(frame.clutter);
  const first = between(random, -60, 90);
  const pillars = [0, 1, 2, 3].map(
    (index) => `<rect x="${px(first + index * 190)}" y="0" width="56" height="${BACK}" fill="url(#pillar)"/>`,
  );
  const duct = between(random, 56, 96);
  const machine = between(random, 20, 560);
  return `<rect width="${FRAME_WIDTH}" height="${BACK}" fill="url(#wall)"/>${pillars.join('')}
<rect x="0" y="${px(duct)}" width="${FRAME_WIDTH}" height="26" fill="url(#duct)"/>
<rect x="${px(machine)}" y="${px(duct + 42)}" width="86" height="${px(BACK - duct - 42)}" rx="5" fill="#535c62" fill-opacity="0.85"/>
<rect x="${px(machine + 12)}" y="${px(duct + 54)}" width="30" height="20" rx="2" fill="#8e979c" fill-opacity="0.8"/>`;
}

function rubber(frame: SceneFrame): string {
  const height = FRONT - BACK;
  const seam = between(seededRandom(frame.clutter ^ 0x5ea), -260, 900);
  const weave = Array.from({ length: 9 }, (_, index) => {
    const y = BACK + 10 + (height - 14) * (index / 8) ** 1.35;
    return `<line x1="0" x2="${FRAME_WIDTH}" y1="${px(y)}" y2="${px(y)}" stroke="#2d3134" stroke-opacity="0.5"/>`;
  });
  return `<rect x="0" y="${BACK}" width="${FRAME_WIDTH}" height="${height}" fill="url(#rubber)"/>${weave.join('')}
<line x1="${px(seam)}" y1="${BACK}" x2="${px(seam - 36)}" y2="${FRONT}" stroke="#282b2e" stroke-width="2.5"/>`;
}

function dirt(frame: SceneFrame): string {
  const random = seededRandom(frame.clutter ^ 0xd127);
  const spots = Array.from({ length: 10 + Math.floor(random() * 22) }, () => {
    const y = between(random, BACK + 8, FRONT - 8);
    const r = between(random, 0.8, 4.6);
    const shade = random() < 0.5 ? '#1f2224' : '#7d8286';
    return `<ellipse cx="${px(random() * FRAME_WIDTH)}" cy="${px(y)}" rx="${px(r * 1.7)}" ry="${px(r * 0.7)}" fill="${shade}" fill-opacity="${px(between(random, 0.12, 0.5))}"/>`;
  });
  const scratches = Array.from({ length: 2 + Math.floor(random() * 4) }, () => {
    const x = random() * FRAME_WIDTH;
    const y = between(random, BACK + 14, FRONT - 14);
    return `<path d="M${px(x)} ${px(y)} q${px(between(random, 20, 60))} ${px(between(random, -5, 5))} ${px(between(random, 60, 150))} ${px(between(random, -7, 7))}" fill="none" stroke="#8a9094" stroke-opacity="0.22" stroke-width="1.2"/>`;
  });
  const stain = `<ellipse cx="${px(random() * FRAME_WIDTH)}" cy="${px(between(random, 250, 380))}" rx="${px(between(random, 40, 120))}" ry="${px(between(random, 9, 26))}" fill="url(#shade)" fill-opacity="0.3"/>`;
  return stain + spots.join('') + scratches.join('');
}

function rails(frame: SceneFrame): string {
  const first = frame.travel * 40;
  const bolts = Array.from({ length: 9 }, (_, index) => {
    const x = first + index * 80 - 20;
    return `<circle cx="${px(x)}" cy="417" r="4" fill="#565d62"/><circle cx="${px(x - 0.8)}" cy="416" r="2.1" fill="#aeb5b9"/>`;
  });
  return `<rect x="0" y="${BACK - 17}" width="${FRAME_WIDTH}" height="18" fill="url(#steel)"/><rect x="0" y="${BACK}" width="${FRAME_WIDTH}" height="7" fill="#000" fill-opacity="0.35"/>
<rect x="0" y="${FRONT}" width="${FRAME_WIDTH}" height="27" fill="url(#steel)"/>${bolts.join('')}`;
}

function rollers(frame: SceneFrame): string {
  const turned = Array.from({ length: 9 }, (_, index) => {
    const x = (index - 0.5 + frame.travel) * ROLLER_DISTANCE;
    return `<circle cx="${px(x)}" cy="462" r="27" fill="url(#roller)"/><circle cx="${px(x)}" cy="462" r="6" fill="#2b3034"/>`;
  });
  return `<rect x="0" y="431" width="${FRAME_WIDTH}" height="49" fill="#23272a"/>${turned.join('')}<rect x="0" y="431" width="${FRAME_WIDTH}" height="9" fill="#000" fill-opacity="0.4"/>`;
}

/** Two decimals are plenty and keep the drawing short. */
export function px(value: number): string {
  return String(Math.round(value * 100) / 100);
}
