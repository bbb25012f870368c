#include "role.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>

#include "timing.h"

namespace card {
namespace {

constexpr std::uint32_t kDoorbellInterrupt = 1u << 31;
constexpr std::uint64_t kMostImageBytes = 2ull << 30;  // half of the memory of a card, and a limit for this machine
constexpr std::uint64_t kMostCycles = 3'000'000'000;  // 10 seconds
constexpr es_role_resources kResources{128, 2, 128, 12100, 12100, 4096, 4096, 0};

template <typename T>
std::optional<T> read_as(const std::vector<std::byte>& bytes) {
  if (bytes.size() != sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

template <typename T>
std::vector<std::byte> copy_of(const T& value) {
  const auto bytes = std::as_bytes(std::span(&value, 1));
  return {bytes.begin(), bytes.end()};
}

std::uint64_t round_up(std::uint64_t bytes) {
  return (bytes + catapult::kSendUnit - 1) / catapult::kSendUnit * catapult::kSendUnit;
}

std::uint64_t tensor_bytes(std::uint64_t rows, std::uint64_t columns, std::uint64_t channels) {
  return rows * columns * channels * sizeof(std::uint16_t);
}

std::uint64_t input_bytes(const es_role_firmware& firmware) {
  return tensor_bytes(firmware.input_rows, firmware.input_columns, firmware.input_channels);
}

std::uint64_t output_bytes(const es_role_firmware& firmware) {
  std::uint64_t channels = firmware.output_channels;
  if (firmware.interleaved != 0)  // whole blocks
    channels = (channels + ES_ROLE_INTERLEAVE_COLUMNS - 1) / ES_ROLE_INTERLEAVE_COLUMNS * ES_ROLE_INTERLEAVE_COLUMNS;
  return tensor_bytes(firmware.output_rows, firmware.output_columns, channels);
}

bool is_name(const char (&text)[ES_ROLE_NAME_BYTES]) {
  const auto* end = static_cast<const char*>(std::memchr(text, 0, sizeof text));
  return end != nullptr && end != text && std::all_of(text, end, [](char letter) { return letter > ' '; });
}

bool sizes_make_sense(const es_role_firmware& firmware, std::uint32_t slot_bytes) {
  constexpr std::uint32_t kMost = 1u << 16;  // keeps the products within 64 bits
  for (const std::uint32_t size : {firmware.input_rows, firmware.input_columns, firmware.input_channels,
                                   firmware.output_rows, firmware.output_columns, firmware.output_channels})
    if (size == 0 || size >= kMost) return false;
  if (firmware.input_border * 2ull >= std::min(firmware.input_rows, firmware.input_columns)) return false;
  return firmware.interleaved <= 1 && firmware.cycles <= kMostCycles && input_bytes(firmware) + sizeof(es_role_request) <= slot_bytes &&
         output_bytes(firmware) + sizeof(es_role_answer) <= slot_bytes;
}

bool has(const es_role_resources& needs) {
  return needs.native_dimension == kResources.native_dimension &&
         needs.multifunction_units <= kResources.multifunction_units &&
         needs.matrix_registers <= kResources.matrix_registers &&
         needs.initial_vectors <= kResources.initial_vectors && needs.addsub_vectors <= kResources.addsub_vectors &&
         needs.dram_vectors <= kResources.dram_vectors && needs.matrix_tiles <= kResources.matrix_tiles;
}

}  // namespace

Role::Role(const CardMemory& memory, const ComputeMemory& compute_memory, Compute& compute, Driver& driver,
           Shell& shell, Faults& faults, Witness& witness)
    : memory_(memory),
      compute_memory_(compute_memory),
      compute_(compute),
      driver_(driver),
      shell_(shell),
      faults_(faults),
      witness_(witness) {}

void Role::work(Clock::time_point now) {
  const bool reset_asked = shell_.reset_asked();
  if (reset_asked && !in_reset_) witness_.saw(Deed::kReset, 0);
  in_reset_ = reset_asked;
  if (reset_asked) reset();
  // A card that is gone or too hot takes nothing; what it was asked times out.
  else if (!shell_.gone() && !shell_.shut_down()) take_requests(now);
  deliver(now);
}

void Role::take_requests(Clock::time_point now) {
  for (std::uint32_t slot = 0; slot < memory_.slots(); ++slot) {
    if (memory_.full(slot) == 0 || memory_.done(slot) != 0 || runs_.size() >= memory_.slots()) continue;
    const std::uint32_t doorbell = memory_.take_register(slot, catapult::kDoorbell);
    if (doorbell == 0) continue;  // not rung yet
    const std::uint64_t sent = static_cast<std::uint64_t>(doorbell & ~kDoorbellInterrupt) * catapult::kSendUnit;
    const auto bytes = static_cast<std::uint32_t>(std::min<std::uint64_t>(sent, memory_.bytes_per_slot()));
    Request request{slot, (doorbell & kDoorbellInterrupt) != 0};
    request.taken = now;
    const auto input = memory_.input(slot);
    std::memcpy(&request.header, input.data(), sizeof request.header);
    const std::size_t room = bytes < sizeof request.header ? 0 : bytes - sizeof request.header;
    const auto payload = input.subspan(sizeof request.header,
                                       std::min<std::size_t>(request.header.payload_bytes, room));
    request.payload.assign(payload.begin(), payload.end());
    memory_.set_full(slot, 0);
    take(std::move(request), sent > bytes ? 0 : bytes);
  }
}

void Role::take(Request request, std::uint32_t sent_bytes) {
  const std::uint32_t wrong = check(request, sent_bytes);
  if (wrong != ES_ROLE_OK) return refuse(request, static_cast<es_role_result>(wrong));
  witness(request);
  if (halted_) return refuse(request, ES_ROLE_EXCEPTION);
  const bool is_run = request.header.operation == ES_ROLE_EXECUTE || request.header.operation == ES_ROLE_LOOPBACK;
  if (is_run && faults_.take(Fault::kTimeout)) return;
  if (is_run && faults_.take(Fault::kException)) {
    halted_ = true;
    return refuse(request, ES_ROLE_EXCEPTION);
  }
  if (is_run && faults_.take(Fault::kStale)) {
    Request other = request;
    other.header.request_id -= 1ull << 32;  // the epoch before
    answer(other, ES_ROLE_OK);
  }
  perform(std::move(request));
}

void Role::witness(const Request& request) {
  const std::int32_t owner = driver_.owner(request.slot);
  const std::uint64_t id = request.header.request_id;
  switch (request.header.operation) {
    case ES_ROLE_FIRMWARE:
    case ES_ROLE_INIT:
    case ES_ROLE_WEIGHTS: return witness_.saw_request(Deed::kLoad, owner, id);
    case ES_ROLE_EXECUTE: return witness_.saw_request(Deed::kExecute, owner, id);
    case ES_ROLE_UNLOAD: return witness_.saw_request(Deed::kUnload, owner, id);
    case ES_ROLE_LOOPBACK: return witness_.saw_request(Deed::kLoopback, owner, id);
    default: return witness_.saw_epoch(id);
  }
}

std::uint32_t Role::check(const Request& request, std::uint32_t sent_bytes) const {
  const es_role_request& header = request.header;
  if (header.magic != ES_ROLE_REQUEST_MAGIC || header.version != ES_ROLE_VERSION || header.reserved0 != 0 ||
      std::any_of(std::begin(header.reserved1), std::end(header.reserved1), [](std::uint64_t word) { return word; }))
    return ES_ROLE_BAD_MESSAGE;
  if (round_up(sizeof header + header.payload_bytes) != sent_bytes) return ES_ROLE_BAD_SIZE;
  return ES_ROLE_OK;
}

void Role::perform(Request request) {
  switch (request.header.operation) {
    case ES_ROLE_STATUS: return answer(request, ES_ROLE_OK, copy_of(status()));
    case ES_ROLE_HEALTH: return answer(request, ES_ROLE_OK, copy_of(shell_.health()));
    case ES_ROLE_FIRMWARE: return take_firmware(request);
    case ES_ROLE_INIT: return take_image(request);
    case ES_ROLE_WEIGHTS: return take_weights(std::move(request));
    case ES_ROLE_EXECUTE:
      if (state_ != ES_ROLE_READY) return refuse(request, ES_ROLE_OUT_OF_ORDER);
      if (request.payload.size() != input_bytes(firmware_)) return refuse(request, ES_ROLE_BAD_SIZE);
      runs_.push_back(std::move(request));
      return start_next_run();
    case ES_ROLE_UNLOAD: return unload(request);
    case ES_ROLE_LOOPBACK: return loop_back(request);
    default: return refuse(request, ES_ROLE_BAD_MESSAGE);
  }
}

void Role::take_firmware(const Request& request) {
  if (state_ > ES_ROLE_HAS_FIRMWARE) return refuse(request, ES_ROLE_OCCUPIED);
  const auto firmware = read_as<es_role_firmware>(request.payload);
  if (!firmware) return refuse(request, ES_ROLE_BAD_SIZE);
  if (!is_name(firmware->input_name) || !is_name(firmware->output_name)) return refuse(request, ES_ROLE_BAD_MESSAGE);
  if (!has(firmware->needs) || !sizes_make_sense(*firmware, memory_.bytes_per_slot()))
    return refuse(request, ES_ROLE_INCOMPATIBLE);
  firmware_ = *firmware;
  state_ = ES_ROLE_HAS_FIRMWARE;
  load_requests_ = 1;
  load_started_ = request.taken;
  answer(request, ES_ROLE_OK);
}

void Role::take_image(const Request& request) {
  if (state_ > ES_ROLE_HAS_FIRMWARE) return refuse(request, ES_ROLE_OCCUPIED);
  if (state_ != ES_ROLE_HAS_FIRMWARE) return refuse(request, ES_ROLE_OUT_OF_ORDER);
  const auto image = read_as<es_role_image>(request.payload);
  if (!image) return refuse(request, ES_ROLE_BAD_SIZE);
  if (image->bytes == 0 || image->bytes > kMostImageBytes || !compute_memory_.reserve_image(image->bytes))
    return refuse(request, ES_ROLE_INCOMPATIBLE);
  if (!compute_.start()) return refuse(request, ES_ROLE_COMPUTE_LOST);
  image_ = *image;
  received_ = 0;
  ++load_requests_;
  state_ = ES_ROLE_RECEIVING;
  answer(request, ES_ROLE_OK);
}

void Role::take_weights(Request request) {
  if (state_ != ES_ROLE_RECEIVING || request.header.argument != received_) return refuse(request, ES_ROLE_OUT_OF_ORDER);
  if (request.payload.empty() || request.payload.size() > image_.bytes - received_)
    return refuse(request, ES_ROLE_BAD_SIZE);
  if (!compute_memory_.write_image(received_, request.payload)) return refuse(request, ES_ROLE_BAD_IMAGE);
  received_ += request.payload.size();
  ++load_requests_;
  if (received_ < image_.bytes) return answer(request, ES_ROLE_OK);
  state_ = ES_ROLE_COMPILING;
  request.payload.clear();
  loading_ = std::move(request);
  compute_.load(firmware_, image_);
}

void Role::loaded(const std::string& line) {
  const Request request = std::move(*loading_);
  loading_.reset();
  compute_memory_.reserve_image(0);  // the child has its own copy now
  if (line != "ok") {
    (void)std::fprintf(stderr, "load refused: %s\n", line.c_str());
    empty();
    return refuse(request, ES_ROLE_BAD_IMAGE);
  }
  state_ = ES_ROLE_READY;
  ++loads_;
  Request since = request;
  since.taken = load_started_;  // the time of a load is that of all its requests
  answer(since, ES_ROLE_OK, {}, modelled_load(image_.bytes, load_requests_));
}

void Role::unload(const Request& request) {
  if (!runs_.empty() || loading_) return refuse(request, ES_ROLE_OCCUPIED);
  empty();
  answer(request, ES_ROLE_OK);
}

void Role::loop_back(const Request& request) {
  const std::uint64_t wanted = request.header.argument;
  if (request.payload.empty() || wanted > memory_.bytes_per_slot() - sizeof(es_role_answer))
    return refuse(request, ES_ROLE_BAD_SIZE);
  std::vector<std::byte> echo(static_cast<std::size_t>(wanted));
  for (std::size_t at = 0; at < echo.size(); at += request.payload.size())
    std::memcpy(echo.data() + at, request.payload.data(), std::min(request.payload.size(), echo.size() - at));
  answer(request, ES_ROLE_OK, std::move(echo));
}

void Role::start_next_run() {
  if (computing_ || runs_.empty()) return;
  const std::vector<std::byte>& input = runs_.front().payload;
  std::memcpy(compute_memory_.input().data(), input.data(), input.size());
  computing_ = true;
  compute_.run();
}

void Role::ran(const std::string& line) {
  const Request request = std::move(runs_.front());
  runs_.pop_front();
  computing_ = false;
  if (line == "ok") {
    ++runs_done_;
    const auto output = compute_memory_.output().first(static_cast<std::size_t>(output_bytes(firmware_)));
    answer(request, ES_ROLE_OK, {output.begin(), output.end()}, modelled_run(firmware_.cycles));
  } else {
    (void)std::fprintf(stderr, "run failed: %s\n", line.c_str());
    halted_ = true;
    refuse(request, ES_ROLE_EXCEPTION);
  }
  start_next_run();
}

void Role::compute_answered() {
  const bool alive = compute_.read_answers();
  while (const auto line = compute_.next_line()) {
    if (loading_) loaded(*line);
    else if (computing_) ran(*line);
  }
  if (!alive) compute_lost();
}

void Role::compute_lost() {
  (void)std::fprintf(stderr, "the compute child has ended; the network is lost\n");
  compute_.stop();
  computing_ = false;
  if (loading_) runs_.push_back(std::move(*loading_));
  loading_.reset();
  std::deque<Request> lost;
  lost.swap(runs_);
  empty();
  for (const Request& request : lost) refuse(request, ES_ROLE_COMPUTE_LOST);
}

void Role::empty() {
  state_ = ES_ROLE_EMPTY;
  // A session's memory is given back for certain by ending the process; the next load starts another.
  compute_.stop();
  computing_ = false;
  compute_memory_.reserve_image(0);
}

void Role::reset() {
  if (state_ != ES_ROLE_EMPTY) empty();
  halted_ = false;
  runs_.clear();
  loading_.reset();
  answers_.remove_if([](const Answer& one) { return !one.late; });
  for (std::uint32_t slot = 0; slot < memory_.slots(); ++slot) {
    (void)memory_.take_register(slot, catapult::kDoorbell);
    memory_.set_full(slot, 0);
    memory_.set_done(slot, 0);
    memory_.set_result_bytes(slot, 0);
  }
  driver_.reset_events();
}

void Role::refuse(const Request& request, es_role_result result) {
  ++failures_;
  answer(request, result);
}

void Role::answer(const Request& request, es_role_result result, std::vector<std::byte> payload,
                  std::chrono::nanoseconds modelled) {
  const auto now = Clock::now();
  es_role_answer header{};
  header.magic = ES_ROLE_ANSWER_MAGIC;
  header.version = ES_ROLE_VERSION;
  header.operation = request.header.operation;
  header.request_id = request.header.request_id;
  header.payload_bytes = static_cast<std::uint32_t>(payload.size());
  header.state = state_;
  header.result = result;
  header.modelled_ns = static_cast<std::uint64_t>(modelled.count());
  header.measured_ns =
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(now - request.taken).count());
  const bool is_run = header.operation == ES_ROLE_EXECUTE || header.operation == ES_ROLE_LOOPBACK;
  const bool late = is_run && faults_.take(Fault::kLate);
  // Never sooner than a card would be.
  auto due = std::max(now, request.taken + modelled);
  if (late) due += std::chrono::milliseconds(faults_.delay_ms());
  answers_.push_back({request.slot, request.interrupt, late, due, header, std::move(payload)});
  if (due <= now) deliver(now);
}

void Role::deliver(Clock::time_point now) {
  if (shell_.gone() || shell_.shut_down()) return;
  for (auto one = answers_.begin(); one != answers_.end();) {
    // What the host has not discarded yet is not overwritten.
    if (one->due > now || memory_.done(one->slot) != 0) {
      ++one;
      continue;
    }
    const auto output = memory_.output(one->slot);
    std::memcpy(output.data(), &one->header, sizeof one->header);
    std::copy(one->payload.begin(), one->payload.end(), output.begin() + sizeof one->header);
    const auto bytes = static_cast<std::uint32_t>(round_up(sizeof one->header + one->payload.size()));
    memory_.set_result_bytes(one->slot, bytes);
    memory_.set_done(one->slot, 1);
    if (one->interrupt) driver_.complete(one->slot);
    one = answers_.erase(one);
  }
}

std::optional<Clock::time_point> Role::next_due() const {
  std::optional<Clock::time_point> next;
  for (const Answer& one : answers_)
    if (!next || one.due < *next) next = one.due;
  return next;
}

es_role_status Role::status() const {
  es_role_status status{};
  status.has = kResources;
  status.state = state_;
  status.loads = loads_;
  status.runs = runs_done_;
  status.failures = failures_;
  (void)std::snprintf(status.text, sizeof status.text, "virtual-card: no hardware; a process that stands in for a card");
  return status;
}

const char* Role::state_name(std::uint32_t state) {
  constexpr std::array names = {"empty", "firmware", "receiving", "compiling", "ready"};
  return state < names.size() ? names[state] : "unknown";
}

}  // namespace card
