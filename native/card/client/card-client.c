/*
 * card-client NODE COUNT [BYTES_IN BYTES_OUT]: round trips over the driver's calls and the role's loopback, in plain C.
 * Shares no code with the rest: numbers and offsets are written out, so that a mistake in a header cannot hide here.
 * Prints one line; ends with 1 when an answer was wrong or a call failed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "edgeslot_role.h"

#define GET_DRIVER_VERSION 0x8008F010ul
#define GET_SLOT_CONFIG 0x8008F011ul
#define ACQUIRE_SLOT 0x8028F013ul
#define RELEASE_SLOT 0x4028F014ul
#define WAIT_SLOT_EVENT 0x400CF01Ful
#define RESET_SLOT_EVENT 0x4004F020ul

#define MOST_TRIPS 100000
#define INTERRUPT 0x80000000u

struct slot_pointers {
  uint32_t slot;
  uint64_t address[4];
};
struct slot_wait {
  uint32_t slot, milliseconds;
  uint8_t wait;
};

static uint64_t nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void fail(const char *what) {
  fprintf(stderr, "%s: %s\n", what, strerror(errno));
  exit(1);
}

static void call(int fd, unsigned long command, void *argument, const char *name) {
  while (ioctl(fd, command, argument) != 0)
    if (errno != EINTR) fail(name);
}

static uint8_t *map(int fd, uint64_t offset, size_t bytes) {
  void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)offset);
  if (at == MAP_FAILED) fail("mmap");
  return at;
}

static int compare(const void *left, const void *right) {
  const uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
  return (a > b) - (a < b);
}

static size_t number(const char *text, size_t most) {
  char *end;
  errno = 0;
  const unsigned long value = strtoul(text, &end, 10);
  if (errno != 0 || end == text || *end != 0 || value == 0 || value > most) {
    fprintf(stderr, "'%s': expected a whole number from 1 to %zu\n", text, most);
    exit(2);
  }
  return value;
}

int main(int count, char **arguments) {
  if (count != 3 && count != 5) {
    fprintf(stderr, "expected NODE COUNT [BYTES_IN BYTES_OUT]\n");
    return 2;
  }
  const size_t trips = number(arguments[2], MOST_TRIPS);
  const size_t in_bytes = count == 5 ? number(arguments[3], 1u << 20) : 317400;
  const size_t out_bytes = count == 5 ? number(arguments[4], 1u << 20) : 200704;

  const int fd = open(arguments[1], O_RDWR | O_CLOEXEC);
  if (fd < 0) fail(arguments[1]);
  uint16_t version[4];
  uint32_t config[2];
  call(fd, GET_DRIVER_VERSION, version, "GET_DRIVER_VERSION");
  call(fd, GET_SLOT_CONFIG, config, "GET_SLOT_CONFIG");
  const size_t slot_bytes = config[0];
  if (version[0] != 5 || in_bytes > slot_bytes - 64 || out_bytes > slot_bytes - 64) {
    fprintf(stderr, "driver %u, slots of %zu bytes: too new, too old or too small\n", version[0], slot_bytes);
    return 1;
  }

  struct slot_pointers slot;
  call(fd, ACQUIRE_SLOT, &slot, "ACQUIRE_SLOT");
  uint8_t *registers = map(fd, 0, 1u << 20);
  uint8_t *input = map(fd, 0x1000000000000000u + slot.slot * slot_bytes, slot_bytes);
  uint8_t *output = map(fd, 0x2000000000000000u + slot.slot * slot_bytes, slot_bytes);
  uint8_t *result = map(fd, 0x3000000000000000u, 65536);
  uint8_t *control = map(fd, 0x4000000000000000u, 65536);
  uint32_t *doorbell = (uint32_t *)(registers + (slot.slot << 8 | 4));
  uint32_t *full = (uint32_t *)(control + slot.slot * 64 + 4);
  uint32_t *done = (uint32_t *)(control + slot.slot * 64 + 12);
  uint32_t *result_bytes = (uint32_t *)(result + slot.slot * 128);
  call(fd, RESET_SLOT_EVENT, &slot.slot, "RESET_SLOT_EVENT");
  __atomic_store_n(done, 0, __ATOMIC_RELEASE);

  const uint32_t sent = (uint32_t)((64 + in_bytes + 15) / 16);
  const uint32_t expected_bytes = (uint32_t)((64 + out_bytes + 15) / 16 * 16);
  static uint64_t times[MOST_TRIPS];
  size_t wrong = 0;
  const uint64_t begin = nanoseconds();
  for (size_t trip = 0; trip < trips; ++trip) {
    const uint64_t start = nanoseconds();
    memset(input + 64, (int)(trip & 255), in_bytes);
    const es_role_request request = {.magic = ES_ROLE_REQUEST_MAGIC,
                                     .version = ES_ROLE_VERSION,
                                     .operation = ES_ROLE_LOOPBACK,
                                     .request_id = 1ull << 32 | trip,
                                     .payload_bytes = (uint32_t)in_bytes,
                                     .argument = out_bytes};
    memcpy(input, &request, sizeof request);
    __atomic_store_n(full, 1, __ATOMIC_RELEASE);
    __atomic_store_n(doorbell, INTERRUPT | sent, __ATOMIC_RELEASE);
    struct slot_wait wait = {.slot = slot.slot, .milliseconds = 2000, .wait = 1};
    call(fd, WAIT_SLOT_EVENT, &wait, "WAIT_SLOT_EVENT");
    es_role_answer answer;
    memcpy(&answer, output, sizeof answer);
    const int fits = __atomic_load_n(done, __ATOMIC_ACQUIRE) == 1 && *result_bytes == expected_bytes &&
                     answer.magic == ES_ROLE_ANSWER_MAGIC && answer.request_id == request.request_id &&
                     answer.result == ES_ROLE_OK && answer.payload_bytes == out_bytes && output[64] == (trip & 255) &&
                     memcmp(output + 64, output + 65, out_bytes - 1) == 0;
    wrong += !fits;
    __atomic_store_n(done, 0, __ATOMIC_RELEASE);
    times[trip] = nanoseconds() - start;
  }
  const double seconds = (double)(nanoseconds() - begin) / 1e9;
  call(fd, RELEASE_SLOT, &slot, "RELEASE_SLOT");
  qsort(times, trips, sizeof times[0], compare);
  printf("%zu round trips of %zu in and %zu out, %zu wrong, p50 %.1f us, p99 %.1f us, %.0f per second\n", trips, in_bytes,
         out_bytes, wrong, (double)times[trips / 2] / 1e3, (double)times[trips * 99 / 100] / 1e3,
         (double)trips / seconds);
  return wrong == 0 ? 0 : 1;
}
