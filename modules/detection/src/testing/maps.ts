import type { SsdMap } from '../detector.js';
import { anchorsOf, type SsdLayout } from '../layout.js';

/** Maps of one picture in which every anchor is background for certain, and its box the anchor itself. */
export function emptyMaps(layout: SsdLayout, classes: number): SsdMap[] {
  return layout.maps.map((map) => {
    const anchors = anchorsOf(map);
    const scores = new Float32Array(anchors * classes);
    for (let at = 0; at < scores.length; at += classes) scores[at] = 20;
    return { classes: scores, locations: new Float32Array(anchors * 4) };
  });
}

/** Every score and location is what `value` says. */
export function filledMaps(layout: SsdLayout, classes: number, value: () => number): SsdMap[] {
  return layout.maps.map((map) => ({
    classes: Float32Array.from({ length: anchorsOf(map) * classes }, value),
    locations: Float32Array.from({ length: anchorsOf(map) * 4 }, value),
  }));
}

/** A seeded source of numbers from 0 to 1 (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * What a trained network answers, roughly: nearly all background, and `objects` anchors with a class of their own, some
 * of them in clusters.
 */
export function plantedMaps(layout: SsdLayout, classes: number, objects: number, random: () => number): SsdMap[] {
  const maps = emptyMaps(layout, classes);
  for (const { classes: scores, locations } of maps) {
    for (let i = 0; i < scores.length; i++) scores[i]! += 4 * random() - 2;
    for (let i = 0; i < locations.length; i++) locations[i] = 4 * random() - 2;
  }
  for (let left = objects; left > 0; ) {
    const { classes: scores } = maps[Math.floor(random() * maps.length)]!;
    const anchors = scores.length / classes;
    const first = Math.floor(random() * anchors);
    const classId = 1 + Math.floor(random() * (classes - 1));
    const cluster = 1 + Math.floor(random() * 5);
    for (let at = first; at < Math.min(first + cluster, anchors) && left > 0; at++, left--) {
      scores[at * classes + classId] = 21 + 6 * random();
    }
  }
  return maps;
}
