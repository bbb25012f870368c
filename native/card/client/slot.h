/*
 * One slot of a card, in plain C. Shares no code with the rest of the project: numbers and offsets are written out in
 * slot.c, so that a mistake in a header cannot hide here. What fails ends the program with 1 and a line on stderr.
 */
#ifndef CARD_CLIENT_SLOT_H
#define CARD_CLIENT_SLOT_H

#include <stddef.h>
#include <stdint.h>

struct slot {
  int fd;
  uint32_t number;
  size_t bytes;
  uint8_t *input, *output;
  uint32_t *doorbell, *full, *done, *result_bytes, *shell_control;
};

/* Opens the node. Closing it frees every slot of this process, so there is to be one descriptor. */
int open_node(const char *node);
/* Takes a slot, maps it, and clears what an owner before may have left. */
struct slot take_slot(int fd);
/* Both of them. */
struct slot open_slot(const char *node);
void send_slot(const struct slot *slot, size_t bytes);
/* Waits for an answer. Returns its size, 0 when none came in time. */
size_t wait_slot(const struct slot *slot, uint32_t milliseconds);
void discard_slot(const struct slot *slot);
/* Bit 31 of shell register 0, while a call is made. */
void reset_role(const struct slot *slot);
void release_slot(const struct slot *slot);
/* Releases it and closes the node. */
void close_slot(const struct slot *slot);

/* A whole number from 1 to most, or the end of the program with 2. */
size_t number_argument(const char *text, size_t most);

#endif
