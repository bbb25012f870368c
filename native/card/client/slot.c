#include "slot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define GET_DRIVER_VERSION 0x8008F010ul
#define GET_SLOT_CONFIG 0x8008F011ul
#define ACQUIRE_SLOT 0x8028F013ul
#define RELEASE_SLOT 0x4028F014ul
#define WAIT_SLOT_EVENT 0x400CF01Ful
#define RESET_SLOT_EVENT 0x4004F020ul

#define INTERRUPT 0x80000000u
#define ROLE_RESET 0x80000000u
#define SEND_UNIT 16
#define DRIVER_MAJOR 5

struct slot_pointers {
  uint32_t slot;
  uint64_t address[4];
};
struct slot_wait {
  uint32_t slot, milliseconds;
  uint8_t wait;
};
_Static_assert(sizeof(struct slot_pointers) == 40 && sizeof(struct slot_wait) == 12, "the driver's layouts");

static void fail(const char *what) {
  (void)fprintf(stderr, "%s: %m\n", what);
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

int open_node(const char *node) {
  const int fd = open(node, O_RDWR | O_CLOEXEC);
  if (fd < 0) fail(node);
  uint16_t version[4];
  call(fd, GET_DRIVER_VERSION, version, "GET_DRIVER_VERSION");
  if (version[0] != DRIVER_MAJOR) {
    (void)fprintf(stderr, "driver %u: expected %u\n", version[0], DRIVER_MAJOR);
    exit(1);
  }
  return fd;
}

struct slot take_slot(int fd) {
  struct slot slot = {.fd = fd};
  uint32_t config[2];
  call(slot.fd, GET_SLOT_CONFIG, config, "GET_SLOT_CONFIG");
  slot.bytes = config[0];
  struct slot_pointers taken;
  call(slot.fd, ACQUIRE_SLOT, &taken, "ACQUIRE_SLOT");
  slot.number = taken.slot;
  uint8_t *registers = map(slot.fd, 0, 65536);
  slot.input = map(slot.fd, 0x1000000000000000u + slot.number * slot.bytes, slot.bytes);
  slot.output = map(slot.fd, 0x2000000000000000u + slot.number * slot.bytes, slot.bytes);
  uint8_t *results = map(slot.fd, 0x3000000000000000u, 65536);
  uint8_t *control = map(slot.fd, 0x4000000000000000u, 65536);
  slot.doorbell = (uint32_t *)(void *)(registers + ((size_t)slot.number << 8 | 4));
  slot.shell_control = (uint32_t *)(void *)(registers + 0x34);
  slot.full = (uint32_t *)(void *)(control + (size_t)slot.number * 64 + 4);
  slot.done = (uint32_t *)(void *)(control + (size_t)slot.number * 64 + 12);
  slot.result_bytes = (uint32_t *)(void *)(results + (size_t)slot.number * 128);
  call(slot.fd, RESET_SLOT_EVENT, &slot.number, "RESET_SLOT_EVENT");
  discard_slot(&slot);
  return slot;
}

struct slot open_slot(const char *node) { return take_slot(open_node(node)); }

void send_slot(const struct slot *slot, size_t bytes) {
  __atomic_store_n(slot->full, 1, __ATOMIC_RELEASE);
  __atomic_store_n(slot->doorbell, INTERRUPT | (uint32_t)((bytes + SEND_UNIT - 1) / SEND_UNIT), __ATOMIC_RELEASE);
}

size_t wait_slot(const struct slot *slot, uint32_t milliseconds) {
  struct slot_wait wait = {.slot = slot->number, .milliseconds = milliseconds, .wait = 1};
  while (ioctl(slot->fd, WAIT_SLOT_EVENT, &wait) != 0) {
    if (errno == ETIMEDOUT) return 0;
    if (errno != EINTR) fail("WAIT_SLOT_EVENT");
  }
  return __atomic_load_n(slot->done, __ATOMIC_ACQUIRE) == 1 ? *slot->result_bytes : 0;
}

void discard_slot(const struct slot *slot) { __atomic_store_n(slot->done, 0, __ATOMIC_RELEASE); }

void reset_role(const struct slot *slot) {
  uint32_t number = slot->number;
  __atomic_fetch_or(slot->shell_control, ROLE_RESET, __ATOMIC_ACQ_REL);
  call(slot->fd, RESET_SLOT_EVENT, &number, "RESET_SLOT_EVENT");
  __atomic_fetch_and(slot->shell_control, ~ROLE_RESET, __ATOMIC_ACQ_REL);
}

void release_slot(const struct slot *slot) {
  struct slot_pointers given = {.slot = slot->number};
  call(slot->fd, RELEASE_SLOT, &given, "RELEASE_SLOT");
}

void close_slot(const struct slot *slot) {
  release_slot(slot);
  close(slot->fd);
}

size_t number_argument(const char *text, size_t most) {
  char *end;
  errno = 0;
  const unsigned long value = strtoul(text, &end, 10);
  if (errno != 0 || end == text || *end != 0 || value == 0 || value > most) {
    (void)fprintf(stderr, "'%s': expected a whole number from 1 to %zu\n", text, most);
    exit(2);
  }
  return value;
}
