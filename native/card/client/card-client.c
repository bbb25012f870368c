/*
 * card-client NODE COUNT [BYTES_IN BYTES_OUT [DEPTH]]: round trips over the driver's calls and the role's loopback, from
 * this program's memory through a slot and back, DEPTH (1) of them on their way at once.
 * Prints one line; ends with 1 when an answer was wrong or a call failed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "edgeslot_role.h"
#include "slot.h"

#define MOST_TRIPS 100000
#define MOST_DEPTH 8
#define MOST_BYTES (1u << 20)
#define WAIT_MS 2000

struct trip {
  struct slot slot;
  uint64_t id, start;
  uint8_t pattern, *in, *out;
};

static size_t in_bytes = 317400, out_bytes = 200704; /* 230 x 230 x 3 and 7 x 7 x 2048, in halves */

static uint64_t nanoseconds(void) {
  struct timespec now;
  (void)clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static int compare(const void *left, const void *right) {
  const uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
  return (a > b) - (a < b);
}

static void begin(struct trip *trip, uint64_t id) {
  trip->id = id;
  trip->pattern = (uint8_t)id;
  memset(trip->in, trip->pattern, in_bytes);
  trip->start = nanoseconds();
  const es_role_request request = {.magic = ES_ROLE_REQUEST_MAGIC,
                                   .version = ES_ROLE_VERSION,
                                   .operation = ES_ROLE_LOOPBACK,
                                   .request_id = id,
                                   .payload_bytes = (uint32_t)in_bytes,
                                   .argument = out_bytes};
  memcpy(trip->slot.input, &request, sizeof request);
  memcpy(trip->slot.input + sizeof request, trip->in, in_bytes);
  send_slot(&trip->slot, sizeof request + in_bytes);
}

/* How long it took; *wrong counts up unless the answer is the one to this request, whole and right. */
static uint64_t end(struct trip *trip, size_t *wrong) {
  const size_t got = wait_slot(&trip->slot, WAIT_MS);
  es_role_answer answer;
  memcpy(&answer, trip->slot.output, sizeof answer);
  memcpy(trip->out, trip->slot.output + sizeof answer, out_bytes);
  discard_slot(&trip->slot);
  const uint64_t time = nanoseconds() - trip->start;
  const int right = got == (sizeof answer + out_bytes + 15) / 16 * 16 && answer.magic == ES_ROLE_ANSWER_MAGIC &&
                    answer.request_id == trip->id && answer.result == ES_ROLE_OK &&
                    answer.payload_bytes == out_bytes && trip->out[0] == trip->pattern &&
                    memcmp(trip->out, trip->out + 1, out_bytes - 1) == 0;
  *wrong += !right;
  return time;
}

static void prepare(struct trip *trip, int fd) {
  trip->slot = take_slot(fd);
  trip->in = malloc(in_bytes);
  trip->out = malloc(out_bytes);
  if (trip->in == NULL || trip->out == NULL) {
    (void)fprintf(stderr, "no memory\n");
    exit(1);
  }
}

int main(int count, char **arguments) {
  if (count != 3 && count != 5 && count != 6) {
    (void)fprintf(stderr, "expected NODE COUNT [BYTES_IN BYTES_OUT [DEPTH]]\n");
    return 2;
  }
  const size_t trips = number_argument(arguments[2], MOST_TRIPS);
  if (count >= 5) {
    in_bytes = number_argument(arguments[3], MOST_BYTES - sizeof(es_role_request));
    out_bytes = number_argument(arguments[4], MOST_BYTES - sizeof(es_role_answer));
  }
  const size_t depth = count == 6 ? number_argument(arguments[5], MOST_DEPTH) : 1;
  const int fd = open_node(arguments[1]);
  static struct trip lanes[MOST_DEPTH];
  for (size_t at = 0; at < depth; ++at) {
    prepare(&lanes[at], fd);
    if (in_bytes + sizeof(es_role_request) > lanes[at].slot.bytes) {
      (void)fprintf(stderr, "a slot of this card holds %zu bytes\n", lanes[at].slot.bytes);
      return 1;
    }
  }
  static uint64_t times[MOST_TRIPS];
  size_t wrong = 0;
  const uint64_t started = nanoseconds();
  for (size_t at = 0; at < trips + depth; ++at) {
    struct trip *trip = &lanes[at % depth];
    if (at >= depth) times[at - depth] = end(trip, &wrong);
    if (at < trips) begin(trip, 1ull << 32 | at);
  }
  const double seconds = (double)(nanoseconds() - started) / 1e9;
  for (size_t at = 0; at < depth; ++at) {
    release_slot(&lanes[at].slot);
    free(lanes[at].in);
    free(lanes[at].out);
  }
  close(fd);
  qsort(times, trips, sizeof times[0], compare);
  const size_t half = trips / 2, most_of_them = trips * 99 / 100;
  printf("%zu round trips of %zu in and %zu out, %zu wrong, p50 %.1f us, p99 %.1f us, %.0f per second\n", trips,
         in_bytes, out_bytes, wrong, (double)times[half] / 1e3, (double)times[most_of_them] / 1e3,
         (double)trips / seconds);
  return wrong == 0 ? 0 : 1;
}
