import { px } from './draw-belt.js';
import type { SceneFrame } from './scene-frame.js';

const BOTTLE = { height: 196, radius: 33 };
const CARTON = { width: 148, height: 104, depth: 46 };

/** The object with its shadow; nothing for an empty belt. */
export function drawObject(frame: SceneFrame): string {
  switch (frame.object) {
    case 'empty belt':
      return '';
    case 'bottle standing':
      return shadow(frame, 44, 12) + place(frame, `rotate(${px(frame.tilt)})`, bottle());
    case 'bottle fallen':
      // Lying, it touches the belt with its side: it turns about its middle, one radius above the belt.
      return (
        shadow(frame, 104, 15) +
        place(
          frame,
          `translate(0 ${-BOTTLE.radius}) rotate(${px(frame.tilt)}) translate(0 ${BOTTLE.height / 2})`,
          bottle(),
        )
      );
    case 'carton':
      return shadow(frame, 92, 16) + place(frame, `rotate(${px(frame.tilt)})`, carton(frame));
  }
}

/** Gradients that the object's drawing names, in the frame's tint. */
export function objectDefinitions({ tint }: SceneFrame): string {
  const tone = (lightness: number) => `hsl(${px(tint.hue)},${px(tint.saturation)}%,${px(lightness)}%)`;
  const l = tint.lightness;
  return `
<linearGradient id="body" x1="0" y1="0" x2="1" y2="0"><stop offset="0" stop-color="${tone(l * 0.52)}"/><stop offset="0.22" stop-color="${tone(l * 1.15)}"/><stop offset="0.34" stop-color="${tone(Math.min(86, l * 1.55))}"/><stop offset="0.48" stop-color="${tone(l * 1.08)}"/><stop offset="0.85" stop-color="${tone(l * 0.72)}"/><stop offset="1" stop-color="${tone(l * 0.42)}"/></linearGradient>
<linearGradient id="cap" x1="0" y1="0" x2="1" y2="0"><stop offset="0" stop-color="#8b8f92"/><stop offset="0.35" stop-color="#f2f3f3"/><stop offset="1" stop-color="#777c80"/></linearGradient>
<linearGradient id="paper" x1="0" y1="0" x2="1" y2="0"><stop offset="0" stop-color="#a7a69f"/><stop offset="0.35" stop-color="#f4f3ec"/><stop offset="0.6" stop-color="#e6e5dd"/><stop offset="1" stop-color="#8f8e88"/></linearGradient>
<linearGradient id="face" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="${tone(l * 1.08)}"/><stop offset="1" stop-color="${tone(l * 0.8)}"/></linearGradient>
<linearGradient id="lid" x1="0" y1="0" x2="1" y2="0"><stop offset="0" stop-color="${tone(l * 1.45)}"/><stop offset="1" stop-color="${tone(l * 1.25)}"/></linearGradient>
<linearGradient id="flank" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="${tone(l * 0.68)}"/><stop offset="1" stop-color="${tone(l * 0.5)}"/></linearGradient>`;
}

function place(frame: SceneFrame, turn: string, drawing: string): string {
  return `<g transform="translate(${px(frame.x)} ${px(frame.y)}) scale(${px(frame.size)}) ${turn}">${drawing}</g>`;
}

/** Falls away from the lamp. */
function shadow(frame: SceneFrame, rx: number, ry: number): string {
  const away = (0.5 - frame.light) * 46;
  return `<ellipse cx="${px(frame.x + away)}" cy="${px(frame.y + 3)}" rx="${px(rx * 1.25 * frame.size)}" ry="${px(ry * 1.4 * frame.size)}" fill="url(#shade)" fill-opacity="0.6"/>
<ellipse cx="${px(frame.x + away * 0.2)}" cy="${px(frame.y - 1)}" rx="${px(rx * 0.92 * frame.size)}" ry="${px(ry * 0.7 * frame.size)}" fill="url(#shade)" fill-opacity="0.75"/>`;
}

/** Upright, its foot at the origin. */
function bottle(): string {
  const { height: h, radius: r } = BOTTLE;
  return `<path d="M${-r} -6 V-112 C${-r} -140 -13 -144 -12 -166 V${-h + 10} H12 V-166 C13 -144 ${r} -140 ${r} -112 V-6 Q${r} 4 ${r - 7} 4 H${-r + 7} Q${-r} 4 ${-r} -6 Z" fill="url(#body)"/>
<rect x="-14.5" y="${-h}" width="29" height="17" rx="3" fill="url(#cap)"/><rect x="-13" y="${-h + 18}" width="26" height="3.5" fill="#000" fill-opacity="0.22"/>
<rect x="${-r}" y="-92" width="${2 * r}" height="50" fill="url(#paper)"/><rect x="-20" y="-80" width="34" height="6" fill="#4b4e51" fill-opacity="0.75"/><rect x="-20" y="-69" width="26" height="4" fill="#6a6d70" fill-opacity="0.6"/><rect x="-20" y="-60" width="30" height="3" fill="#6a6d70" fill-opacity="0.6"/>
<path d="M-19 -10 V-36 M-19 -98 V-116 Q-18 -132 -9 -144" stroke="#fff" stroke-opacity="0.5" stroke-width="4" stroke-linecap="round" fill="none"/>`;
}

/** Seen from a little above, the lower edge of its front at the origin; the visible flank is the one in the shade. */
function carton(frame: SceneFrame): string {
  const { width: w, height: h, depth: d } = CARTON;
  const side = frame.light < 0.5 ? 1 : -1;
  const x0 = -w / 2;
  const x1 = w / 2;
  const near = side > 0 ? x1 : x0;
  const dx = side * d * 0.62;
  const dy = -d * 0.62;
  return `<path d="M${near} 0 l${dx} ${dy} v${-h} L${near} ${-h} Z" fill="url(#flank)"/>
<path d="M${x0} ${-h} l${dx} ${dy} h${w} L${x1} ${-h} Z" fill="url(#lid)"/>
<path d="M-11 ${-h} l${dx} ${dy} h22 L11 ${-h} Z" fill="#d9c9a0" fill-opacity="0.85"/>
<rect x="${x0}" y="${-h}" width="${w}" height="${h}" fill="url(#face)"/>
<rect x="-11" y="${-h}" width="22" height="26" fill="#cdbc92" fill-opacity="0.85"/>
<rect x="${x0 + 12}" y="-52" width="52" height="36" fill="#e9e8e2"/><path d="M${x0 + 18} -44 v20 m4 -20 v20 m5 -20 v20 m3 -20 v20 m6 -20 v20 m3 -20 v20 m5 -20 v20 m5 -20 v20" stroke="#2e3032" stroke-width="2"/>
<path d="M${x1 - 30} -20 v-26 m-8 9 l8 -10 l8 10" stroke="#101214" stroke-opacity="0.55" stroke-width="3.5" fill="none"/>
<path d="M${x0} ${-h} h${w}" stroke="#fff" stroke-opacity="0.3"/><path d="M${near} 0 v${-h}" stroke="#000" stroke-opacity="0.3"/>`;
}
