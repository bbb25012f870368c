// The role of a fake card: a request in a slot becomes an answer.
#pragma once

#include <cstring>

#include "../include/edgeslot_role.h"
#include "fake-card.h"

namespace test {

/// Answers a request with its own payload, under `id` or under the request's.
inline void answer(FakeCard& card, std::uint32_t slot, std::uint64_t id = 0) {
  es_role_request request;
  std::memcpy(&request, card.input(slot), sizeof request);
  es_role_answer reply{};
  reply.magic = ES_ROLE_ANSWER_MAGIC;
  reply.version = ES_ROLE_VERSION;
  reply.operation = request.operation;
  reply.request_id = id != 0 ? id : request.request_id;
  reply.payload_bytes = request.payload_bytes;
  reply.modelled_ns = request.argument;
  std::memcpy(card.output(slot), &reply, sizeof reply);
  std::memcpy(card.output(slot) + sizeof reply, card.input(slot) + sizeof request, request.payload_bytes);
  card.complete(slot, static_cast<std::uint32_t>(sizeof reply) + request.payload_bytes);
}

}  // namespace test
