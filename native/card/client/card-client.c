/*
 * card-client NODE COUNT [BYTES_IN BYTES_OUT]: round trips over the driver's calls and the role's loopback.
 * Prints one line; ends with 1 when an answer was wrong or a call failed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "edgeslot_role.h"
#include "slot.h"

#define MOST_TRIPS 100000
#define WAIT_MS 2000

static uint64_t nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static int compare(const void *left, const void *right) {
  const uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
  return (a > b) - (a < b);
}

/* One trip; true when the answer is the one to this request, whole and right. */
static int trip(const struct slot *slot, uint64_t id, size_t in_bytes, size_t out_bytes) {
  const uint8_t pattern = (uint8_t)id;
  const es_role_request request = {.magic = ES_ROLE_REQUEST_MAGIC,
                                   .version = ES_ROLE_VERSION,
                                   .operation = ES_ROLE_LOOPBACK,
                                   .request_id = id,
                                   .payload_bytes = (uint32_t)in_bytes,
                                   .argument = out_bytes};
  memcpy(slot->input, &request, sizeof request);
  memset(slot->input + sizeof request, pattern, in_bytes);
  send_slot(slot, sizeof request + in_bytes);
  const size_t got = wait_slot(slot, WAIT_MS);
  es_role_answer answer;
  memcpy(&answer, slot->output, sizeof answer);
  const uint8_t *payload = slot->output + sizeof answer;
  const int right = got == (sizeof answer + out_bytes + 15) / 16 * 16 && answer.magic == ES_ROLE_ANSWER_MAGIC &&
                    answer.request_id == id && answer.result == ES_ROLE_OK && answer.payload_bytes == out_bytes &&
                    payload[0] == pattern && memcmp(payload, payload + 1, out_bytes - 1) == 0;
  discard_slot(slot);
  return right;
}

int main(int count, char **arguments) {
  if (count != 3 && count != 5) {
    (void)fprintf(stderr, "expected NODE COUNT [BYTES_IN BYTES_OUT]\n");
    return 2;
  }
  const size_t trips = number_argument(arguments[2], MOST_TRIPS);
  const struct slot slot = open_slot(arguments[1]);
  const size_t most = slot.bytes - sizeof(es_role_request);
  // A picture of 230 x 230 x 3 and features of 7 x 7 x 2048, in halves.
  const size_t in_bytes = number_argument(count == 5 ? arguments[3] : "317400", most);
  const size_t out_bytes = number_argument(count == 5 ? arguments[4] : "200704", most);
  static uint64_t times[MOST_TRIPS];
  size_t wrong = 0;
  const uint64_t begin = nanoseconds();
  for (size_t at = 0; at < trips; ++at) {
    const uint64_t start = nanoseconds();
    wrong += !trip(&slot, 1ull << 32 | at, in_bytes, out_bytes);
    times[at] = nanoseconds() - start;
  }
  const double seconds = (double)(nanoseconds() - begin) / 1e9;
  close_slot(&slot);
  qsort(times, trips, sizeof times[0], compare);
  const size_t half = trips / 2, most_of_them = trips * 99 / 100;
  printf("%zu round trips of %zu in and %zu out, %zu wrong, p50 %.1f us, p99 %.1f us, %.0f per second\n", trips,
         in_bytes, out_bytes, wrong, (double)times[half] / 1e3, (double)times[most_of_them] / 1e3,
         (double)trips / seconds);
  return wrong == 0 ? 0 : 1;
}
