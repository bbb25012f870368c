/*
 * card-send NODE TIMEOUT_MS [ANSWERS]: sends the message on standard input, writes what comes back to standard output:
 * ANSWERS (1) times the size as 4 bytes, little endian, and the bytes; size 0 and the end when none came in time.
 */
#include <stdio.h>
#include <stdlib.h>

#include "slot.h"

#define MOST_MS 600000
#define MOST_ANSWERS 16

int main(int count, char **arguments) {
  if (count != 3 && count != 4) {
    (void)fprintf(stderr, "expected NODE TIMEOUT_MS [ANSWERS]\n");
    return 2;
  }
  const size_t milliseconds = number_argument(arguments[2], MOST_MS);
  const size_t answers = count == 4 ? number_argument(arguments[3], MOST_ANSWERS) : 1;
  const struct slot slot = open_slot(arguments[1]);
  const size_t bytes = fread(slot.input, 1, slot.bytes, stdin);
  send_slot(&slot, bytes);
  for (size_t at = 0; at < answers; ++at) {
    const uint32_t got = (uint32_t)wait_slot(&slot, (uint32_t)milliseconds);
    if (fwrite(&got, sizeof got, 1, stdout) != 1 || fwrite(slot.output, 1, got, stdout) != got) return 1;
    if (got == 0) break;
    discard_slot(&slot);
  }
  close_slot(&slot);
  return fflush(stdout) == 0 ? 0 : 1;
}
