// The Catapult driver's interface (driver major 5), as facts: numbers, sizes, layouts, addresses.
// Public references: drivers/catapult/catapult-ioctl.c of Ubuntu's linux-azure kernel for the calls and windows;
// FPGACoreLib of the Catapult Academic Program for slots, doorbells and shell registers.
#pragma once

#include <cstddef>
#include <cstdint>

namespace catapult {

inline constexpr std::uint32_t kSupportedMajor = 5;
inline constexpr std::uint32_t kMagic = 0xF0;
inline constexpr std::uint32_t kNone = 0;  // direction bits of an ioctl number, asm-generic layout (x86-64, arm64)
inline constexpr std::uint32_t kWrite = 1;
inline constexpr std::uint32_t kRead = 2;
inline constexpr std::uint32_t kMaximumSlots = 256;

/// Number of an ioctl that carries `size` bytes in direction `direction`.
constexpr std::uint32_t command(std::uint32_t direction, std::uint32_t number, std::size_t size) {
  return direction << 30 | static_cast<std::uint32_t>(size) << 16 | kMagic << 8 | number;
}

struct RegisterInfo {
  std::uint8_t count;
  std::uint8_t padding[3];
  std::uint32_t size[6];  // bytes; the first is BAR0's
};

/// Sizes and physical addresses of the card's buffers; of no use to a process, which maps the windows below.
struct BufferPointers {
  std::uint64_t words[12];
};

struct DriverVersion {
  std::uint16_t product_major;
  std::uint16_t product_minor;
  std::uint16_t build_major;
  std::uint16_t build_minor;
};

struct SlotConfig {
  std::uint32_t bytes_per_slot;
  std::uint32_t slots;
};

/// A slot taken or given back; the driver leaves the addresses zero, they are mapped instead.
struct SlotPointers {
  std::uint32_t slot;
  std::uint32_t padding;
  std::uint64_t addresses[4];
};

inline constexpr std::uint32_t kContiguous = 1;

struct SlotRange {
  std::uint32_t type;  // kContiguous
  std::uint32_t start;
  std::uint32_t end;  // the last slot, itself included
  std::uint32_t padding;
  SlotPointers slots[kMaximumSlots];
};

struct SlotWait {
  std::uint32_t slot;
  std::uint32_t milliseconds;  // 0 waits for ever: never used here
  std::uint8_t wait;           // 0: EWOULDBLOCK instead of waiting
  std::uint8_t padding[3];
};

static_assert(sizeof(RegisterInfo) == 28 && offsetof(RegisterInfo, size) == 4);
static_assert(sizeof(BufferPointers) == 96);
static_assert(sizeof(DriverVersion) == 8 && offsetof(DriverVersion, product_minor) == 2 &&
              offsetof(DriverVersion, build_major) == 4 && offsetof(DriverVersion, build_minor) == 6);
static_assert(sizeof(SlotConfig) == 8 && offsetof(SlotConfig, slots) == 4);
static_assert(sizeof(SlotPointers) == 40 && offsetof(SlotPointers, addresses) == 8);
static_assert(sizeof(SlotRange) == 10256 && offsetof(SlotRange, start) == 4 && offsetof(SlotRange, end) == 8 &&
              offsetof(SlotRange, slots) == 16);
static_assert(sizeof(SlotWait) == 12 && offsetof(SlotWait, milliseconds) == 4 && offsetof(SlotWait, wait) == 8);

inline constexpr std::uint32_t kGetRegisterInfo = command(kRead, 1, sizeof(RegisterInfo));
inline constexpr std::uint32_t kInterruptDisable = command(kNone, 2, 0);
inline constexpr std::uint32_t kInterruptEnable = command(kNone, 3, 0);
inline constexpr std::uint32_t kGetBufferPointers = command(kRead, 11, sizeof(BufferPointers));
inline constexpr std::uint32_t kGetDriverVersion = command(kRead, 16, sizeof(DriverVersion));
inline constexpr std::uint32_t kGetSlotConfig = command(kRead, 17, sizeof(SlotConfig));
inline constexpr std::uint32_t kAcquireSlot = command(kRead, 19, sizeof(SlotPointers));
inline constexpr std::uint32_t kReleaseSlot = command(kWrite, 20, sizeof(SlotPointers));
inline constexpr std::uint32_t kAcquireSlotRange = command(kWrite | kRead, 21, sizeof(SlotRange));
inline constexpr std::uint32_t kReleaseSlotRange = command(kNone, 22, 0);
inline constexpr std::uint32_t kGetSlotEvent = command(kWrite, 30, sizeof(std::uint32_t));
inline constexpr std::uint32_t kWaitSlotEvent = command(kWrite, 31, sizeof(SlotWait));
inline constexpr std::uint32_t kResetSlotEvent = command(kWrite, 32, sizeof(std::uint32_t));
inline constexpr std::uint32_t kCompleteSlotEvent = command(kWrite, 33, sizeof(std::uint32_t));

static_assert(kGetRegisterInfo == 0x801CF001);
static_assert(kInterruptDisable == 0xF002 && kInterruptEnable == 0xF003);
static_assert(kGetBufferPointers == 0x8060F00B);
static_assert(kGetDriverVersion == 0x8008F010);
static_assert(kGetSlotConfig == 0x8008F011);
static_assert(kAcquireSlot == 0x8028F013);
static_assert(kReleaseSlot == 0x4028F014);
static_assert(kAcquireSlotRange == 0xE810F015);
static_assert(kReleaseSlotRange == 0xF016);
static_assert(kGetSlotEvent == 0x4004F01E);
static_assert(kWaitSlotEvent == 0x400CF01F);
static_assert(kResetSlotEvent == 0x4004F020 && kCompleteSlotEvent == 0x4004F021);

// Windows of the node, as offsets for mmap. Input and output are mapped slot by slot, each exactly one slot long.
inline constexpr std::uint64_t kRegisterWindow = 0;
inline constexpr std::uint64_t kInputWindow = 0x1000000000000000;
inline constexpr std::uint64_t kOutputWindow = 0x2000000000000000;
inline constexpr std::uint64_t kResultWindow = 0x3000000000000000;
inline constexpr std::uint64_t kControlWindow = 0x4000000000000000;

/// One line of the control window: `full` is set by the host and cleared by the card, `done` the other way round.
struct SlotControl {
  std::uint32_t reserved0;
  std::uint32_t full;
  std::uint32_t reserved1;
  std::uint32_t done;
  std::uint32_t reserved2[12];
};

/// One line of the result window.
struct SlotResult {
  std::uint32_t bytes;
  std::uint32_t reserved[31];
};

static_assert(sizeof(SlotControl) == 64 && offsetof(SlotControl, full) == 4 && offsetof(SlotControl, done) == 12);
static_assert(sizeof(SlotResult) == 128 && offsetof(SlotResult, bytes) == 0);

// What a message in a slot may measure, in bytes.
inline constexpr std::uint32_t kSendUnit = 16;
inline constexpr std::uint32_t kSendMinimum = 32;

// Registers: 32 bits each, by number and interpreter.
inline constexpr std::uint32_t kDoorbell = 0;
inline constexpr std::uint32_t kDoneClear = 1;
inline constexpr std::uint32_t kShell = 3;
inline constexpr std::uint32_t kSoft = 8;

/// Offset in BAR0 of a 32-bit register.
constexpr std::uint32_t register_offset(std::uint32_t number, std::uint32_t interpreter) {
  return number << 8 | interpreter << 4 | 4;
}

/// Offset in BAR0 of a 64-bit soft register.
constexpr std::uint32_t soft_register_offset(std::uint32_t number) { return number << 8 | kSoft << 4; }

// A shell that has this soft register takes doorbells through it, as address << 32 | value.
inline constexpr std::uint32_t kSoftDoorbell = 0x7E3F;
inline constexpr std::uint64_t kSoftDoorbellPresent = 0x8926FC9C4E6256D9;

// Shell registers.
inline constexpr std::uint32_t kShellControl = 0;
inline constexpr std::uint32_t kShellStatus = 68;
inline constexpr std::uint32_t kShellPcie = 69;
inline constexpr std::uint32_t kShellTemperature = 71;
inline constexpr std::uint32_t kShellDramCalibration = 73;
inline constexpr std::uint32_t kShellDramEcc = 74;
inline constexpr std::uint32_t kShellIdentity = 91;
inline constexpr std::uint32_t kShellRoleId = 101;
inline constexpr std::uint32_t kShellConfigurationErrors = 104;

inline constexpr std::uint32_t kControlDmaEnable = 1u << 6;
inline constexpr std::uint32_t kControlRoleReset = 1u << 31;
inline constexpr std::uint32_t kGoldenRole = 0x601D;
inline constexpr std::uint32_t kReturnBoard = 0xFFFF;  // configuration errors: the board is to be returned

// The type of a function, at BAR0 (device feature header): 4067F10B-C65B-44A7-AD6E-60E489BF32C5 is the role.
inline constexpr std::uint32_t kTypeLowOffset = 0x08;
inline constexpr std::uint32_t kTypeHighOffset = 0x10;
inline constexpr std::uint64_t kRoleTypeLow = 0xAD6E60E489BF32C5;
inline constexpr std::uint64_t kRoleTypeHigh = 0x4067F10BC65B44A7;

inline constexpr std::uint32_t kGone = 0xFFFFFFFF;  // what any register of a vanished card reads

}  // namespace catapult
