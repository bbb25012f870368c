// All a test of the core needs: a check that says what failed and counts it.
#pragma once

#include <cstdio>

namespace test {

inline int failures = 0;
inline int checks = 0;

inline void check(bool ok, const char* text, const char* file, int line) {
  checks++;
  if (ok) return;
  failures++;
  std::fprintf(stderr, "%s:%d: failed: %s\n", file, line, text);
}

}  // namespace test

#define CHECK(condition) ::test::check((condition), #condition, __FILE__, __LINE__)
