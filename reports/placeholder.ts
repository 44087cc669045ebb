// Removed with the first real file of this layer.
export const placeholder = true;
