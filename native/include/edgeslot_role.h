/*
 * Messages between a host and the role of the virtual card, as they lie in a slot. See native/card/PROTOCOL.md.
 * Little endian, no implicit padding. Our own format: the one of Catapult's neural processor is not public.
 */
#ifndef EDGESLOT_ROLE_H
#define EDGESLOT_ROLE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#define ES_ROLE_ASSERT(condition) static_assert(condition, #condition)
#else
#define ES_ROLE_ASSERT(condition) _Static_assert(condition, #condition)
#endif

#define ES_ROLE_REQUEST_MAGIC 0x31525345u /* "ESR1" */
#define ES_ROLE_ANSWER_MAGIC 0x31415345u  /* "ESA1" */
#define ES_ROLE_VERSION 1u
#define ES_ROLE_NAME_BYTES 256u
#define ES_ROLE_INTERLEAVE_COLUMNS 128u

enum es_role_operation {
  ES_ROLE_STATUS = 1,   /* answer payload: es_role_status */
  ES_ROLE_HEALTH = 2,   /* answer payload: es_role_health */
  ES_ROLE_FIRMWARE = 3, /* payload: es_role_firmware */
  ES_ROLE_INIT = 4,     /* payload: es_role_image */
  ES_ROLE_WEIGHTS = 5,  /* argument: offset in the image; payload: its next bytes */
  ES_ROLE_EXECUTE = 6,  /* payload: input tensor, fp16; answer payload: output tensor, fp16 */
  ES_ROLE_UNLOAD = 7,
  ES_ROLE_LOOPBACK = 8, /* argument: bytes to answer with; the payload, again and again */
};

enum es_role_result {
  ES_ROLE_OK = 0,
  ES_ROLE_BAD_MESSAGE = 1,   /* magic, version, operation or a reserved field */
  ES_ROLE_BAD_SIZE = 2,      /* the payload is not exactly as long as it has to be */
  ES_ROLE_OUT_OF_ORDER = 3,  /* not possible in this state */
  ES_ROLE_OCCUPIED = 4,      /* a network is loaded, or being loaded; unload it first */
  ES_ROLE_INCOMPATIBLE = 5,  /* the firmware wants more than this card has */
  ES_ROLE_BAD_IMAGE = 6,     /* wrong digest, or no network that can be run */
  ES_ROLE_EXCEPTION = 7,     /* the processor stopped; reset the role */
  ES_ROLE_COMPUTE_LOST = 8,  /* what computes is gone, and the network with it */
};

enum es_role_state {
  ES_ROLE_EMPTY = 0,
  ES_ROLE_HAS_FIRMWARE = 1,
  ES_ROLE_RECEIVING = 2, /* weights */
  ES_ROLE_COMPILING = 3, /* all weights are there */
  ES_ROLE_READY = 4,
};

typedef struct {
  uint32_t magic;
  uint16_t version;
  uint16_t operation;
  uint64_t request_id; /* epoch << 32 | sequence; echoed */
  uint32_t payload_bytes;
  uint32_t reserved0;
  uint64_t argument;
  uint64_t reserved1[4];
} es_role_request;

typedef struct {
  uint32_t magic;
  uint16_t version;
  uint16_t operation;
  uint64_t request_id;
  uint32_t payload_bytes;
  uint32_t state; /* es_role_state after the request */
  uint32_t result;
  uint32_t reserved0;
  uint64_t modelled_ns; /* what a card would have taken, by the model in PROTOCOL.md; 0 for anything but a load and a run */
  uint64_t measured_ns; /* what it took here */
  uint64_t reserved1[2];
} es_role_answer;

/* What a network needs of the processor; a card has at least as much, or says INCOMPATIBLE. */
typedef struct {
  uint32_t native_dimension;
  uint32_t multifunction_units;
  uint32_t matrix_registers;
  uint32_t initial_vectors;
  uint32_t addsub_vectors;
  uint32_t dram_vectors;
  uint32_t matrix_tiles;
  uint32_t reserved;
} es_role_resources;

typedef struct {
  es_role_resources needs;
  uint32_t input_rows, input_columns, input_channels; /* with the border */
  uint32_t input_border;                              /* zeros on each side */
  uint32_t output_rows, output_columns, output_channels;
  uint32_t interleaved; /* 1: the output comes in blocks of 128 channels */
  uint64_t cycles;      /* of one run, 300 MHz */
  char input_name[ES_ROLE_NAME_BYTES];  /* tensors of the ONNX graph, ended by a zero */
  char output_name[ES_ROLE_NAME_BYTES];
} es_role_firmware;

typedef struct {
  uint64_t bytes; /* of the ONNX graph */
  uint8_t sha256[32];
} es_role_image;

typedef struct {
  es_role_resources has;
  uint32_t state;
  uint32_t reserved;
  uint64_t loads, runs, failures;
  char text[128]; /* begins with "virtual-card" */
} es_role_status;

typedef struct {
  uint32_t severity; /* 0 ok, 1 warning, 2 transient error, 3 unknown error, 4 return the board */
  int32_t temperature_millicelsius;
  uint32_t ecc_errors;
  uint32_t reserved;
  char text[240];
} es_role_health;

ES_ROLE_ASSERT(sizeof(es_role_request) == 64 && offsetof(es_role_request, request_id) == 8);
ES_ROLE_ASSERT(sizeof(es_role_answer) == 64 && offsetof(es_role_answer, request_id) == 8);
ES_ROLE_ASSERT(offsetof(es_role_answer, result) == 24 && offsetof(es_role_answer, modelled_ns) == 32);
ES_ROLE_ASSERT(sizeof(es_role_resources) == 32);
ES_ROLE_ASSERT(sizeof(es_role_firmware) == 584 && offsetof(es_role_firmware, cycles) == 64);
ES_ROLE_ASSERT(sizeof(es_role_image) == 40);
ES_ROLE_ASSERT(sizeof(es_role_status) == 192 && offsetof(es_role_status, loads) == 40);
ES_ROLE_ASSERT(sizeof(es_role_health) == 256);

#ifdef __cplusplus
}
#endif
#endif
