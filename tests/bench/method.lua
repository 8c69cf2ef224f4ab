local Counter = {}
Counter.__index = Counter

function Counter:add(x)
  self.n = self.n + x * self.step
end

local c = setmetatable({ n = 0, step = 3 }, Counter)
for i = 0, 49999999 do
  c:add(i & 7)
end
print(c.n)
