import type { ModelCard } from '../../domain/model.ts';
import { inputSize } from '../../ml/layer-shapes.ts';

/** A tensor as the Open Inference Protocol describes one; -1 stands for any number of rows. */
export interface TensorMetadata {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
}

/** What a model takes and gives, as its clients see it. */
export interface Contract {
  readonly input: TensorMetadata;
  readonly outputs: readonly TensorMetadata[];
  /** Shape of one raw row, and how many values it has. */
  readonly rowShape: readonly number[];
  readonly width: number;
  readonly classes: readonly string[];
  /** Values have to be whole numbers below this, because the model looks them up; undefined where any number will do. */
  readonly below: number | undefined;
}

/** Names are those of model.onnx; they are part of the format and stay. */
export const INPUT = 'input';
export const PROBABILITIES = 'probabilities';
export const LABEL = 'label';

export function contractOf({ spec, classes }: ModelCard): Contract {
  const [first] = spec.layers;
  return {
    input: { name: INPUT, datatype: 'FP32', shape: [-1, ...spec.input] },
    outputs: [
      { name: PROBABILITIES, datatype: 'FP32', shape: [-1, classes.length] },
      { name: LABEL, datatype: 'BYTES', shape: [-1] },
    ],
    rowShape: spec.input,
    width: inputSize(spec),
    classes,
    below: first?.type === 'embedding' ? first.inputs : undefined,
  };
}
