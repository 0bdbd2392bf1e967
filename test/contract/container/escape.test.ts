import { containerTarget } from '../../support/container/container-target.ts';
import { targetOf } from '../../support/target/target.ts';
import { kernelEscapes } from '../escape/kernel.ts';
import { networkEscapes } from '../escape/network.ts';

describe('the way out of a container', () => {
  const target = targetOf((context) => containerTarget(context));

  describe('the network', () => {
    networkEscapes(target);
  });
  describe("the kernel's doors", () => {
    kernelEscapes(target);
  });
});
