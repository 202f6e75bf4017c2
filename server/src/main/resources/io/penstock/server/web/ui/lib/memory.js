// What a browser remembers for its user; nothing when storage is off.
export function remembered(name) {
  try {
    return localStorage.getItem('penstock.' + name) || '';
  } catch (denied) {
    return '';
  }
}

export function remember(name, value) {
  try {
    if (value) {
      localStorage.setItem('penstock.' + name, value);
    } else {
      localStorage.removeItem('penstock.' + name);
    }
  } catch (denied) {
    // it is asked again next time
  }
}
