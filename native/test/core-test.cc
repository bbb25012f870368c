// Tests of the core, without a card and without Node.js. The ioctl answers themselves need a driver behind the node.
#include <cstdio>

#include "check.h"

void test_probe();
void test_sampling();
void test_sysfs();

int main() {
  test_sysfs();
  test_probe();
  test_sampling();
  std::printf("%d checks, %d failed\n", test::checks, test::failures);
  return test::failures == 0 ? 0 : 1;
}
