#!/usr/bin/env node
// The sample camera module's entry point, in the container image and in the local Edge runtime.
import '../dist/main.js';
