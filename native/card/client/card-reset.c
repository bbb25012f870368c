/* card-reset NODE: resets the role, as whoever takes a card over does first. */
#include <stdio.h>

#include "slot.h"

int main(int count, char **arguments) {
  if (count != 2) {
    (void)fprintf(stderr, "expected NODE\n");
    return 2;
  }
  const struct slot slot = open_slot(arguments[1]);
  reset_role(&slot);
  close_slot(&slot);
  return 0;
}
