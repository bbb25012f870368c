// Tests of the core, without a card and without Node.js: a scripted driver answers.
#include <cstdio>

#include "check.h"

void test_half();
void test_node();
void test_probe();
void test_sampling();
void test_slots();
void test_sysfs();

int main() {
  test_sysfs();
  test_probe();
  test_half();
  test_node();
  test_slots();
  test_sampling();
  std::printf("%d checks, %d failed\n", test::checks, test::failures);
  return test::failures == 0 ? 0 : 1;
}
