// Tests of the core, without a card and without Node.js: a scripted driver answers.
#include <cstdio>
#include <string>

#include "check.h"

void test_card_tensor();
void test_device();
void test_device_thread();
void test_driver_library(const std::string& built);
void test_file_lock();
void test_half();
void test_node();
void test_probe();
void test_role_engine();
void test_sampling();
void test_slots();
void test_sysfs();

int main(int count, char** arguments) {
  if (count != 2) {
    std::fprintf(stderr, "usage: core-test FOLDER, the one with the plug-ins that the Makefile builds\n");
    return 2;
  }
  test_sysfs();
  test_probe();
  test_file_lock();
  test_half();
  test_node();
  test_slots();
  test_card_tensor();
  test_device();
  test_role_engine();
  test_device_thread();
  test_driver_library(arguments[1]);
  test_sampling();
  std::printf("%d checks, %d failed\n", test::checks, test::failures);
  return test::failures == 0 ? 0 : 1;
}
