/*
 * The driver table: how a vendor's shared library runs models on a card whose request format is not public.
 *
 * The library exports one function, `edgeslot_driver_query`, that gives a table of functions. Rules:
 *  - Every structure begins with its size in bytes, set by whoever fills it; fields are only ever appended. What lies
 *    beyond the size of the other side is absent.
 *  - The major number must be equal on both sides. A minor number says how much was appended.
 *  - Plain C: no exception and no ownership of memory crosses the line; the only call into the host is `log`.
 *  - Calls of `submit` never overlap, nor do calls of `reap`; `wake` and `health` come from any thread at any time.
 *    `reap` blocks, never longer than asked; so may what takes a `timeout_ms`. Nothing else does.
 *  - Everything else is called while nothing runs; only a reset ends requests that are under way, which complete no more,
 *    and one of the role or the board ends the model too, which is not unloaded then.
 *  - What a pointer leads to is there during the call; only a buffer's data is there until its `release`.
 *  - A loaded library is never unloaded.
 */
#ifndef EDGESLOT_DRIVER_H
#define EDGESLOT_DRIVER_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define EDGESLOT_DRIVER_MAJOR 1
#define EDGESLOT_DRIVER_MINOR 0
#define EDGESLOT_DRIVER_SYMBOL "edgeslot_driver_query"

/* Every function gives one of these; a count is given through a pointer. */
enum edgeslot_status {
  EDGESLOT_OK = 0,
  EDGESLOT_INVALID = -1,
  EDGESLOT_BUSY = -2,
  EDGESLOT_NO_DEVICE = -3,
  EDGESLOT_ACCESS = -4,
  EDGESLOT_NO_MEMORY = -5,
  EDGESLOT_NOT_SUPPORTED = -6,
  EDGESLOT_AGAIN = -7, /* the queue is full */
  EDGESLOT_TIMEOUT = -8,
  EDGESLOT_CANCELLED = -9,
  EDGESLOT_INCOMPATIBLE = -10,
  EDGESLOT_FAULT = -11, /* the card needs a reset */
  EDGESLOT_LOST = -12   /* the card is gone */
};

enum edgeslot_log_level { EDGESLOT_LOG_ERROR = 0, EDGESLOT_LOG_WARNING = 1, EDGESLOT_LOG_INFO = 2 };
enum edgeslot_direction { EDGESLOT_TO_CARD = 0, EDGESLOT_FROM_CARD = 1 };
enum edgeslot_type { EDGESLOT_FLOAT32 = 1, EDGESLOT_FLOAT16 = 2 };
enum edgeslot_layout { EDGESLOT_PLAIN = 0, EDGESLOT_INTERLEAVED_128 = 1 /* blocks of 128 channels */ };
enum edgeslot_close { EDGESLOT_CLOSE_DRAINED = 0, EDGESLOT_CLOSE_AT_ONCE = 1 };
enum edgeslot_reset { EDGESLOT_RESET_SLOTS = 0, EDGESLOT_RESET_ROLE = 1, EDGESLOT_RESET_BOARD = 2 };

typedef struct edgeslot_device edgeslot_device;
typedef struct edgeslot_model edgeslot_model;

/* What the host offers. */
typedef struct {
  uint32_t size;
  uint32_t reserved;
  void *context;
  void (*log)(void *context, int32_t level, const char *text);
} edgeslot_host;

typedef struct {
  uint32_t size;
  uint32_t flags;
  char id[64];   /* for open */
  char node[64]; /* such as /dev/catapult0 */
  char name[64];
  char role_id[24];
} edgeslot_device_info;

typedef struct {
  uint32_t size;
  uint32_t epoch; /* names the owner: completions of another epoch are not for this host */
  const void *data;
  uint64_t bytes;
  const char *manifest; /* JSON */
  uint8_t sha256[32];   /* of data */
} edgeslot_image;

typedef struct {
  uint32_t size;
  uint32_t type;
  uint32_t layout;
  uint32_t rank;
  int64_t dimensions[8];
  uint64_t bytes;
} edgeslot_tensor;

/* Memory that the card reaches. */
typedef struct {
  uint32_t size;
  uint32_t direction;
  void *data;
  uint64_t bytes;
  uint64_t cookie; /* the library's own */
} edgeslot_buffer;

typedef struct {
  uint32_t size;
  uint32_t timeout_ms;
  uint64_t id; /* epoch << 32 | sequence; comes back in the completion */
  const edgeslot_buffer *input;  /* as allocated, `bytes` cut to the tensor's */
  const edgeslot_buffer *output; /* as allocated */
} edgeslot_request;

typedef struct {
  uint32_t size;
  int32_t status;
  uint64_t id;
  uint64_t output_bytes;
  uint64_t device_ns; /* on the card; 0 if not known */
  uint64_t queue_ns;  /* before it */
} edgeslot_completion;

typedef struct {
  uint32_t size;
  uint32_t severity; /* 0 ok, 1 warning, 2 transient error, 3 unknown error, 4 return the board */
  int32_t temperature_millicelsius; /* INT32_MIN where not known, as for power */
  int32_t power_milliwatts;
  uint64_t memory_errors;
  char text[256];
} edgeslot_health;

typedef struct {
  uint32_t size;
  uint16_t major;
  uint16_t minor;
  const char *name;
  const char *version;
  uint64_t capabilities; /* 0 in this version */

  int (*enumerate)(edgeslot_device_info *found, uint32_t capacity, uint32_t *count);
  /* Exclusive, or EDGESLOT_BUSY; never waits. */
  int (*open)(const char *id, uint32_t flags, const edgeslot_host *host, edgeslot_device **device);
  int (*close)(edgeslot_device *device, uint32_t mode, uint32_t timeout_ms);
  /* EDGESLOT_BUSY unless the card is empty. */
  int (*load)(edgeslot_device *device, const edgeslot_image *image, uint32_t timeout_ms, edgeslot_model **model);
  int (*unload)(edgeslot_device *device, edgeslot_model *model, uint32_t timeout_ms);
  int (*tensors)(edgeslot_model *model, edgeslot_tensor *input, edgeslot_tensor *output);
  int (*allocate)(edgeslot_device *device, uint64_t bytes, uint32_t direction, edgeslot_buffer *buffer);
  int (*release)(edgeslot_device *device, edgeslot_buffer *buffer);
  /* EDGESLOT_AGAIN when the card's queue is full. */
  int (*submit)(edgeslot_device *device, edgeslot_model *model, const edgeslot_request *request);
  int (*reap)(edgeslot_device *device, edgeslot_completion *done, uint32_t capacity, uint32_t timeout_ms,
              uint32_t *count);
  /* Ends a reap that waits, or the next one. */
  int (*wake)(edgeslot_device *device);
  int (*reset)(edgeslot_device *device, uint32_t level);
  int (*health)(edgeslot_device *device, edgeslot_health *health);
  const char *(*describe)(int status);
} edgeslot_driver;

/* Gives a table for this host, or null when the library cannot serve a host of this version. */
typedef const edgeslot_driver *(*edgeslot_driver_query_function)(uint32_t host_major, uint32_t host_minor);

#ifdef __cplusplus
}
#endif
#endif
