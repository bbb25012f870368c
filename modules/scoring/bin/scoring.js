#!/usr/bin/env node
// The Edge module's entry point: what the container image runs, and what the local Edge runtime starts as a process.
import '../dist/main.js';
