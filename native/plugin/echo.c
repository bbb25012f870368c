/*
 * The smallest library that fills the driver table: a card in memory whose model answers with its input.
 * It shows what a vendor's library has to do, and lets a host's side be tested without one.
 *
 * Built with ECHO_MAJOR, ECHO_SIZE or ECHO_SYMBOL it is wrong on purpose, for tests of what is refused.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../include/edgeslot_driver.h"

#ifndef ECHO_MAJOR
#define ECHO_MAJOR EDGESLOT_DRIVER_MAJOR
#endif
#ifndef ECHO_SIZE
#define ECHO_SIZE sizeof(edgeslot_driver)
#endif
#ifndef ECHO_SYMBOL
#define ECHO_SYMBOL edgeslot_driver_query
#endif

enum { DEPTH = 2, BYTES = 64 };

struct edgeslot_model {
  int loaded;
};

struct edgeslot_device {
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  int open, woken;
  struct edgeslot_model model;
  edgeslot_completion done[DEPTH];
  uint32_t waiting;
};

static struct edgeslot_device card = {.mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static int enumerate(edgeslot_device_info *found, uint32_t capacity, uint32_t *count) {
  *count = 1;
  if (capacity == 0) return EDGESLOT_OK;
  const uint32_t size = found->size;
  edgeslot_device_info info = {.size = sizeof info, .id = "echo0", .node = "", .name = "echo in memory"};
  memcpy(found, &info, size < sizeof info ? size : sizeof info);
  found->size = size < sizeof info ? size : sizeof info;
  return EDGESLOT_OK;
}

static int open_card(const char *id, uint32_t flags, const edgeslot_host *host, edgeslot_device **device) {
  if (strcmp(id, "echo0") != 0) return EDGESLOT_NO_DEVICE;
  if (flags != 0) return EDGESLOT_INVALID;
  pthread_mutex_lock(&card.mutex);
  const int busy = card.open;
  card.open = 1;
  pthread_mutex_unlock(&card.mutex);
  if (busy) return EDGESLOT_BUSY;
  if (host != NULL && host->log != NULL) host->log(host->context, EDGESLOT_LOG_INFO, "echo: opened");
  *device = &card;
  return EDGESLOT_OK;
}

static int close_card(edgeslot_device *device, uint32_t mode, uint32_t timeout_ms) {
  (void)mode, (void)timeout_ms; /* nothing is ever under way */
  pthread_mutex_lock(&device->mutex);
  device->open = device->woken = device->model.loaded = 0;
  device->waiting = 0;
  pthread_mutex_unlock(&device->mutex);
  return EDGESLOT_OK;
}

static int load(edgeslot_device *device, const edgeslot_image *image, uint32_t timeout_ms, edgeslot_model **model) {
  (void)timeout_ms;
  if (image->bytes == 0) return EDGESLOT_INVALID;
  if (device->model.loaded) return EDGESLOT_BUSY;
  device->model.loaded = 1;
  *model = &device->model;
  return EDGESLOT_OK;
}

static int unload(edgeslot_device *device, edgeslot_model *model, uint32_t timeout_ms) {
  (void)device, (void)timeout_ms;
  if (!model->loaded) return EDGESLOT_INVALID;
  model->loaded = 0;
  return EDGESLOT_OK;
}

static int tensors(edgeslot_model *model, edgeslot_tensor *input, edgeslot_tensor *output) {
  (void)model;
  const edgeslot_tensor tensor = {
      .size = sizeof tensor, .type = EDGESLOT_FLOAT16, .rank = 2, .dimensions = {1, BYTES / 2}, .bytes = BYTES};
  *input = *output = tensor;
  return EDGESLOT_OK;
}

static int allocate(edgeslot_device *device, uint64_t bytes, uint32_t direction, edgeslot_buffer *buffer) {
  (void)device;
  void *data = calloc(1, bytes);
  if (data == NULL) return EDGESLOT_NO_MEMORY;
  *buffer = (edgeslot_buffer){.size = sizeof *buffer, .direction = direction, .data = data, .bytes = bytes};
  return EDGESLOT_OK;
}

static int release(edgeslot_device *device, edgeslot_buffer *buffer) {
  (void)device;
  free(buffer->data);
  buffer->data = NULL;
  return EDGESLOT_OK;
}

static int submit(edgeslot_device *device, edgeslot_model *model, const edgeslot_request *request) {
  if (!model->loaded || request->input->bytes != BYTES || request->output->bytes < BYTES) return EDGESLOT_INVALID;
  int status = EDGESLOT_AGAIN;
  pthread_mutex_lock(&device->mutex);
  if (device->waiting < DEPTH) {
    memcpy(request->output->data, request->input->data, BYTES);
    device->done[device->waiting++] = (edgeslot_completion){
        .size = sizeof(edgeslot_completion), .status = EDGESLOT_OK, .id = request->id, .output_bytes = BYTES};
    pthread_cond_signal(&device->changed);
    status = EDGESLOT_OK;
  }
  pthread_mutex_unlock(&device->mutex);
  return status;
}

static int reap(edgeslot_device *device, edgeslot_completion *done, uint32_t capacity, uint32_t timeout_ms,
                uint32_t *count) {
  struct timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_sec += timeout_ms / 1000;
  until.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
  if (until.tv_nsec >= 1000000000) until.tv_sec++, until.tv_nsec -= 1000000000;
  pthread_mutex_lock(&device->mutex);
  int waited = 0;
  while (device->waiting == 0 && !device->woken && waited != ETIMEDOUT) {
    waited = pthread_cond_timedwait(&device->changed, &device->mutex, &until);
  }
  *count = device->waiting < capacity ? device->waiting : capacity;
  memcpy(done, device->done, *count * sizeof *done);
  memmove(device->done, device->done + *count, (device->waiting - *count) * sizeof *done);
  device->waiting -= *count;
  const int status = *count > 0 || device->woken ? EDGESLOT_OK : EDGESLOT_TIMEOUT;
  device->woken = 0;
  pthread_mutex_unlock(&device->mutex);
  return status;
}

static int wake(edgeslot_device *device) {
  pthread_mutex_lock(&device->mutex);
  device->woken = 1;
  pthread_cond_signal(&device->changed);
  pthread_mutex_unlock(&device->mutex);
  return EDGESLOT_OK;
}

static int reset(edgeslot_device *device, uint32_t level) {
  if (level > EDGESLOT_RESET_BOARD) return EDGESLOT_INVALID;
  pthread_mutex_lock(&device->mutex);
  device->waiting = 0;
  if (level != EDGESLOT_RESET_SLOTS) device->model.loaded = 0;
  pthread_mutex_unlock(&device->mutex);
  return EDGESLOT_OK;
}

static const edgeslot_driver table = {
    .size = ECHO_SIZE,
    .major = ECHO_MAJOR,
    .minor = EDGESLOT_DRIVER_MINOR,
    .name = "echo",
    .version = "1.0.0",
    .enumerate = enumerate,
    .open = open_card,
    .close = close_card,
    .load = load,
    .unload = unload,
    .tensors = tensors,
    .allocate = allocate,
    .release = release,
    .submit = submit,
    .reap = reap,
    .wake = wake,
    .reset = reset,
};

__attribute__((visibility("default"))) const edgeslot_driver *ECHO_SYMBOL(uint32_t host_major, uint32_t host_minor) {
  (void)host_minor; /* what a host does not know, it does not call */
  return ECHO_MAJOR == EDGESLOT_DRIVER_MAJOR && host_major != EDGESLOT_DRIVER_MAJOR ? NULL : &table;
}
