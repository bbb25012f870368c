/** The usual ending of a file's name, of a picture that was scored: it was sniffed before, so its first byte decides. */
export function pictureType(bytes: Uint8Array): 'jpg' | 'png' | 'gif' {
  if (bytes[0] === 0xff) return 'jpg';
  return bytes[0] === 0x89 ? 'png' : 'gif';
}
