// The core against a virtual card: real driver calls, real windows, other processes, and everything that can go wrong.
#include <cstdio>
#include <cstring>
#include <exception>

#include "../check.h"
#include "card-under-test.h"

void test_death(const test::CardUnderTest& card);
void test_faults(const test::CardUnderTest& card);
void test_owners(const test::CardUnderTest& card);
void test_shell(const test::CardUnderTest& card);
void test_shell_of_a_card_that_is_gone(const test::CardUnderTest& card);
void test_trips(const test::CardUnderTest& card);

int main(int count, char** arguments) {
  const bool short_of_death = count == 3 && std::strcmp(arguments[2], "--spare") == 0;
  if (count != 2 && !short_of_death) {
    std::fprintf(stderr, "usage: card-test DIRECTORY [--spare]; kills the card in the end, unless it is spared\n");
    return 2;
  }
  const test::CardUnderTest card(arguments[1]);
  try {
    test_trips(card);
    test_faults(card);
    test_shell(card);
    test_shell_of_a_card_that_is_gone(card);
    test_owners(card);
    if (!short_of_death) test_death(card);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "card-test: %s\n", error.what());
    return 1;
  }
  std::printf("%d checks, %d failed\n", test::checks, test::failures);
  return test::failures == 0 ? 0 : 1;
}
