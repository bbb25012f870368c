// Finds Catapult functions and identifies them, without taking a slot or changing anything on the card.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "catapult-abi.h"
#include "sysfs.h"

namespace catapult {

/// ioctl(2) for one command with a fixed-size answer: -1 and errno, as the system call.
using Ioctl = int (*)(int fd, std::uint32_t command, void* answer);
int system_ioctl(int fd, std::uint32_t command, void* answer);

struct ProbeOptions {
  std::string dev_dir = "/dev";
  std::string sysfs_dir = "/sys/class/catapult";
  Ioctl ioctl = system_ioctl;
};

struct Node {
  std::string path;
  Identity identity;
  std::optional<DriverVersion> driver;
  std::optional<SlotConfig> slots;
  std::optional<std::string> error;  // the first failure: call, errno in words, value
};

/// Paths of `catapultN` in `directory` by rising N; throws std::runtime_error when it cannot be listed.
std::vector<std::string> list_nodes(const std::string& directory);

/// `5.1.4.12`.
std::string version_text(const DriverVersion& version);

/// Why a driver of this version is not used; nothing when it is one we know.
std::optional<std::string> refuse_version(const DriverVersion& version);

/// Opens, identifies and closes one node; failures are in `Node::error`.
/// Closing frees every slot of the calling process (driver semantics), so a node that this process holds is not opened.
Node probe_node(const std::string& path, const ProbeOptions& options);

/// probe_node for every node of `options.dev_dir`; throws as list_nodes does.
std::vector<Node> probe(const ProbeOptions& options);

}  // namespace catapult
